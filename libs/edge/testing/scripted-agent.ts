import { type KeyObject, generateKeyPairSync, randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { type AgentFrame, type Hello, PROTO, SUBPROTOCOL, type ServerFrame, signHello } from '../src/tunnel.protocol.js';
import { eventually } from './eventually.js';

/** Who an agent is: a key, and the id it was given. */
export interface Identity {
  readonly agentId: string;
  readonly publicKey: string;
  readonly key: KeyObject;
}

export function newIdentity(agentId: string): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return { agentId, key: privateKey, publicKey: publicKey.export({ format: 'jwk' }).x ?? '' };
}

/** What a test may have an agent say of itself instead of the truth. */
export interface Script {
  readonly nonce?: string;
  readonly authority?: string;
  readonly key?: KeyObject;
  readonly hello?: Partial<Hello>;
}

/** One connection of an agent that does what a test tells it, and nothing by itself. */
export class ScriptedAgent {
  readonly frames: ServerFrame[] = [];
  pings = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** The status of the answer to an upgrade that was refused, and its Retry-After. */
  refused: { readonly status: number; readonly retryAfter: string | undefined } | undefined;
  readonly socket: WebSocket;
  private seq = 0;

  constructor(
    readonly url: string,
    readonly identity: Identity,
    readonly bootId: string = randomUUID(),
    protocols: string[] = [SUBPROTOCOL],
    from?: string,
  ) {
    const headers = from === undefined ? {} : { 'x-forwarded-for': from };
    this.socket = new WebSocket(`${url.replace('http', 'ws')}/edge/v1/tunnel`, protocols, { perMessageDeflate: false, headers });
    this.socket.on('message', (data) => this.frames.push(JSON.parse((data as Buffer).toString()) as ServerFrame));
    this.socket.on('ping', () => this.pings++);
    this.socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }));
    this.socket.on('unexpected-response', (request, response) => {
      this.refused = { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] };
      request.destroy();
    });
    this.socket.on('error', () => undefined); // A refused upgrade is one; `closed` says what matters.
  }

  /** The first frame of a type, as soon as it is there. */
  async said<Type extends ServerFrame['type']>(type: Type): Promise<Extract<ServerFrame, { type: Type }>> {
    const found = (): ServerFrame | undefined => this.frames.find((frame) => frame.type === type);
    await eventually(`the server says ${type}`, () => found() !== undefined || this.closed !== undefined || this.refused !== undefined);
    const frame = found();
    if (frame === undefined) throw new Error(`${this.refused?.status ?? this.closed?.code} ${this.closed?.reason} came before ${type}`);
    return frame as Extract<ServerFrame, { type: Type }>;
  }

  async hello({ nonce, authority, key, hello }: Script = {}): Promise<void> {
    const { nonce: challenged } = await this.said('challenge');
    const { agentId: agent_id } = this.identity;
    const signed = { nonce: nonce ?? challenged, agent_id, boot_id: this.bootId, authority: authority ?? new URL(this.url).host };
    this.send({
      type: 'hello',
      agent_id,
      instance_uid: 'instance-1',
      boot_id: this.bootId,
      last_seq_acked: 0,
      proto: { min: PROTO, max: PROTO },
      version: '0.1.0',
      hostname: 'edge-1.berlin.example',
      os: 'linux x64',
      started_at: '2026-02-01T11:00:00.000Z',
      capabilities: [],
      signature: signHello(key ?? this.identity.key, signed),
      ...hello,
    });
  }

  /** From the challenge to the welcome. */
  async enter(script: Script = {}): Promise<void> {
    await this.hello(script);
    await this.said('welcome');
  }

  send(frame: AgentFrame | object): void {
    this.socket.send(JSON.stringify(frame));
  }

  report(more: object = {}): void {
    this.send({ ...REPORT, seq: ++this.seq, ...more });
  }

  cost(more: object = {}): void {
    this.send({ ...COST, seq: ++this.seq, ...more });
  }

  heartbeat(seq: number, sentAt: string): void {
    this.send({ type: 'heartbeat', seq, sent_at: sentAt, rtt_ms: null, clock_offset_ms: null });
  }

  async gone(): Promise<{ readonly code: number; readonly reason: string }> {
    await eventually('the server closes', () => this.closed !== undefined);
    return this.closed ?? { code: 0, reason: '' };
  }

  /** As when its machine loses power: no close frame, no FIN that is answered. */
  vanish(): void {
    this.socket.terminate();
  }
}

export const GATEWAY = {
  name: 'main',
  capability: 'probe',
  state: 'ready',
  version: '2026.9.6',
  uptime_ms: 60_000,
  latency_ms: 4,
  sessions: 3,
  reason: null,
  sentence: 'Ready.',
};
const REPORT = {
  type: 'report_full',
  sent_at: '2026-02-01T12:00:00.000Z',
  desired_version: null,
  gateways: [GATEWAY],
  host: { cpu_ratio: 0.1, mem_ratio: 0.2, disk_ratio: 0.3 },
  outbox: { depth: 0, capacity: 100, dropped: 0 },
};
const COST = {
  type: 'cost',
  day: '2026-02-01',
  usd: 1.5,
  tokens: 1_000,
  by_model: [{ model: 'm', usd: 1.5, tokens: 1_000 }],
  by_agent: [{ gateway: 'main', agent: 'clerk', usd: 1.5, tokens: 1_000 }],
  missing_cost_entries: 0,
  fresh: true,
};
