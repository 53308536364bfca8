import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { type INestApplicationContext, Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { InstanceKey, type KeyPair, SecretBox } from '@app/config';
import {
  CommandHandler,
  EventSubscription,
  InstanceIdentity,
  LogAcceptance,
  LogUnavailable,
  NonceStore,
  RequestReply,
  Telemetry,
  Unanswered,
} from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { type PublicAlias, PublicOptions } from '@app/http';
import { Clock, asId, newEvent } from '@app/kernel';
import { type PeerId, PeerRegistered, type PeerStatusChanged } from '../src/events/index.js';
import { FederationOptions } from '../src/federation.options.js';
import { linkProviders } from '../src/peers/link-providers.js';
import { LinkEndpoint } from '../src/peers/runtime/link.endpoint.js';
import { LinkTiming } from '../src/peers/runtime/link-timing.js';
import { type LinkPolicy, POLICY } from '../src/peers/runtime/policy.js';
import { InstanceKeyRows } from '../src/peers/private/instance-key-rows.provider.js';
import { KeyMaker } from '../src/peers/runtime/key-maker.provider.js';
import { PeerSecrets } from '../src/peers/private/peer-secrets.provider.js';

import { FixedKey } from './fixed-key.js';
import { MemoryKeyRows } from './key-rows.js';

/** The log of one instance, and the database beside it, which falls silent with it; it outlives the processes that use it. */
export class InstanceLog extends MemoryLog {
  readonly secrets = new Map<string, string>();

  constructor(
    readonly instanceId: string,
    readonly keyRows = new MemoryKeyRows(),
  ) {
    super();
  }

  reveal(secretId: string): string | null {
    if (this.isDown) throw new LogUnavailable('the database does not answer');
    return this.secrets.get(secretId) ?? null;
  }

  measured<Data>(type: string): Data[] {
    return this.measurements.filter((event) => event.type === type).map(({ data }) => data as Data);
  }

  /** An operator registers a peer. */
  register(remotePeerId: string, url: string, secret: string): PeerId {
    const peer_id = asId<PeerId>(`peer-${remotePeerId}`);
    const secret_id = `secret-${this.facts.length}`;
    this.secrets.set(secret_id, secret);
    const secret_fingerprint = Buffer.from(secret.padEnd(8))
      .toString('hex')
      .slice(0, 16)
      .replaceAll(/(.{4})(?=.)/g, '$1-');
    this.add(
      newEvent(PeerRegistered, { ...PeerRegistered.example, peer_id, remote_peer_id: remotePeerId, url, secret_id, secret_fingerprint }),
    );
    return peer_id;
  }

  /** What the last status is; undefined: none was written. */
  evaluation(peerId: string): PeerStatusChanged | undefined {
    return this.of<PeerStatusChanged>('federation.peer.status-changed').findLast(({ peer_id }) => peer_id === peerId);
  }
}

/** Answers within one process. */
export class MemoryRequestReply extends RequestReply {
  private readonly answers = new Map<string, (request: never) => Promise<object | undefined>>();

  async ask<Answer extends object>(name: string, request: object): Promise<Answer> {
    const answer = this.answers.get(name);
    if (answer === undefined) throw new Unanswered(name);
    return (await answer(request as never)) as Answer;
  }

  answer<Request extends object>(
    name: string,
    _shape: new () => Request,
    answer: (request: Request) => Promise<object | undefined>,
  ): () => void {
    this.answers.set(name, answer);
    return () => void this.answers.delete(name);
  }
}

/** As the real policy, a hundred times as fast. */
export const QUICK: LinkPolicy = {
  ...POLICY,
  heartbeatMs: 150,
  slackMs: 150,
  recoverySpacingMs: 50,
  evaluateEveryMs: 10,
  startWithinMs: 10,
  backoff: { ...POLICY.backoff, firstMs: 10, capMs: 200, leastMs: 20 },
};

interface InstanceHow {
  readonly port?: number;
  readonly policy?: LinkPolicy;
  readonly publicUrl?: string;
  readonly aliases?: readonly PublicAlias[];
  readonly clock?: Clock;
  /** The key that it shows whatever its facts say; null: it is of a release without instance keys. Absent: its own, which it makes. */
  readonly key?: KeyPair | null;
}

/** A clock that shows another time than that of this machine. */
export class WrongClock extends Clock {
  constructor(public aheadMs: number) {
    super();
  }

  override wallMs(): number {
    return super.wallMs() + this.aheadMs;
  }
}

export interface Instance {
  readonly log: InstanceLog;
  readonly url: string;
  readonly box: SecretBox;
  readonly rpc: MemoryRequestReply;
  readonly app: INestApplicationContext;
  stop(): Promise<void>;
}

/**
 * The process of one instance that speaks with peers, over real HTTP on loopback. `port`: the one it had before; `publicUrl`: how it is
 * reached, when that is by another way; `clock`: when it is not right.
 */
export async function openInstance(
  log: InstanceLog,
  { port = 0, policy = QUICK, publicUrl, aliases = [], clock = new Clock(), key }: InstanceHow = {},
): Promise<Instance> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const box = new SecretBox(randomBytes(32));
  const rpc = new MemoryRequestReply();
  const secrets = { reveal: async (id: string) => log.reveal(id) };
  const timing = Object.assign(new LinkTiming(), { policy, clock });
  const given = new Map<unknown, unknown>([
    [PeerSecrets, secrets],
    [LinkTiming, timing],
    [InstanceKeyRows, log.keyRows],
    ...(key === undefined
      ? []
      : ([
          [KeyMaker, {}],
          [InstanceKey, new FixedKey(key)],
        ] as const)),
  ]);
  const options: FederationOptions = { allowCidrs: [], allowLoopbackHttp: true, targets: { allowLoopback: true, own: [] } };
  const module = await Test.createTestingModule({
    providers: [
      ...linkProviders.map((provider) => {
        const token = 'provide' in provider ? provider.provide : provider;
        return given.has(token) ? { provide: token as never, useValue: given.get(token) } : provider;
      }),
      LinkEndpoint,
      { provide: CommandHandler, useValue: log },
      { provide: EventSubscription, useValue: log.subscription },
      { provide: Telemetry, useValue: log.telemetry },
      { provide: NonceStore, useValue: log.nonces },
      { provide: LogAcceptance, useValue: { isOpen: () => true, acceptedAt: () => null } satisfies LogAcceptance },
      { provide: RequestReply, useValue: rpc },
      { provide: InstanceIdentity, useValue: { instance_id: log.instanceId, incarnation: 'test' } },
      { provide: SecretBox, useValue: box },
      { provide: FederationOptions, useValue: options },
      { provide: PublicOptions, useValue: { publicUrl: publicUrl ?? url, aliases } },
    ],
  }).compile();
  module.useLogger(false);
  serve(server, module.get(LinkEndpoint));
  await module.init();
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await module.close();
  };
  return { log, url, box, rpc, app: module, stop };
}

function serve(server: Server, app: LinkEndpoint): void {
  server.on('request', (request, response) => void app.handle(request, response).catch((error: unknown) => Logger.error(error)));
}

/** Waits for something to be so. Throws, with what it was instead, when it is not within the deadline. */
export async function until<T>(what: string, read: () => T, is: (value: T) => boolean, deadlineMs = 10_000): Promise<T> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = read();
    if (is(value)) return value;
    if (Date.now() > end) throw new Error(`not in time: ${what}; it is ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
