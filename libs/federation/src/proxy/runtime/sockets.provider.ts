import { Agent as PlainAgent, type ClientRequest, type RequestOptions, request as requestPlain } from 'node:http';
import { Agent as TlsAgent, request as requestTls } from 'node:https';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { OutboundGuard, portOf } from '@app/http';
import { TargetGuard } from '../../outbound.provider.js';

/** Shorter than any server keeps an idle connection: one that it closes just as a call is written to it would fail the call. */
const IDLE_MS = 4_000;
const MAX_IDLE_PER_HOST = 64;

/** The connections to peers. They are kept and used again, and each new one leads only where the outbound guard lets it. */
@Injectable()
export class ProxySockets implements OnApplicationShutdown {
  /** Whether what breaks off now breaks off because this process ends: set by the endpoints, to which the listener says so before it cuts. */
  isClosing = false;
  private readonly plain: PlainAgent;
  private readonly tls: TlsAgent;

  constructor(private readonly guard: OutboundGuard) {
    const options = { keepAlive: true, timeout: IDLE_MS, maxFreeSockets: MAX_IDLE_PER_HOST };
    this.plain = new PlainAgent(options);
    this.tls = new TlsAgent(options);
  }

  request(url: URL, options: Pick<RequestOptions, 'method' | 'headers'>): ClientRequest {
    const lookup = this.guard.lookupAt(portOf(url)); // Of each new connection; one that is kept was looked up when it was made.
    return url.protocol === 'https:'
      ? requestTls(url, { ...options, lookup, agent: this.tls })
      : requestPlain(url, { ...options, lookup, agent: this.plain });
  }

  onApplicationShutdown(): void {
    this.plain.destroy();
    this.tls.destroy();
  }
}

/** The connections to agents of ours, which routing rules lead to. */
@Injectable()
export class AgentSockets extends ProxySockets {
  constructor(guard: TargetGuard) {
    super(guard);
  }
}
