import { type IncomingMessage, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type AgentFrame,
  CLOSE,
  type CloseReason,
  type Hello,
  JOIN_PATH,
  type JoinRequest,
  SUBPROTOCOL,
  type SaidCause,
  type ServerFrame,
  TUNNEL_PATH,
  closeText,
  parseFrame,
  parseJoin,
  verifyHello,
} from '../../../../libs/edge/src/tunnel.protocol.js';
import { until } from './fake-clock.js';

export const AGENT_ID = 'agent-7f3c';
const NONCE = 'nonce-nonce-nonce-nonce';
type FrameOf<Type extends AgentFrame['type']> = Extract<AgentFrame, { type: Type }>;

/** The server's end of one tunnel. */
export class Connection {
  readonly frames: AgentFrame[] = [];
  closed: { code: number; reason: string } | null = null;

  constructor(readonly socket: WebSocket) {}

  send(frame: ServerFrame): void {
    this.socket.send(JSON.stringify(frame));
  }

  close(reason: CloseReason, retryAfterMs: number | null = null, why?: SaidCause): void {
    this.socket.close(CLOSE[reason].code, closeText(reason, retryAfterMs, why));
  }

  all<Type extends AgentFrame['type']>(type: Type): FrameOf<Type>[] {
    return this.frames.filter((frame): frame is FrameOf<Type> => frame.type === type);
  }

  async next<Type extends AgentFrame['type']>(type: Type, count = 1): Promise<FrameOf<Type>> {
    await until(`${count} ${type} of the agent`, () => this.all(type).length >= count);
    return this.all(type)[count - 1]!;
  }

  /** Waits until the agent heard everything that was sent to it so far: it answers in the order it hears. */
  async heard(): Promise<void> {
    const count = this.all('result').length + 1;
    this.send({ type: 'call', id: `heard-${count}`, method: 'ping' });
    await this.next('result', count);
  }

  async gone(): Promise<{ code: number; reason: string }> {
    await until('the agent closes', () => this.closed !== null);
    return this.closed!;
  }
}

/** A server that does what a test says, and otherwise what a good one does: it knows one agent, by the key that joined. */
export class ScriptedServer {
  readonly connections: Connection[] = [];
  readonly joins: { request: JoinRequest; text: string }[] = [];
  publicKey: string | null = null;
  /** What it shows of its own key; undefined: it is of a release without. */
  instanceKey: string | undefined;
  /** What it does at a valid hello instead of a welcome. */
  refuse: { reason: CloseReason; retryAfterMs?: number; why?: SaidCause } | null = null;
  /** By which it can be asked besides its own address. */
  readonly aliases = new Set<string>();
  /** What it answers to a join, and to an upgrade, instead of taking it. */
  joinAnswer: { status: number; body: object } | null = null;
  upgradeAnswer: string | null = null;
  /** Says nothing at all on new connections. */
  isMute = false;
  /** Answers heartbeats. */
  answersHeartbeats = true;
  /** Takes note of what it is told. */
  acknowledges = true;
  /** What it says that it takes; absent: it is a server of before. */
  capabilities: string[] | undefined;
  heartbeatS = 30;
  syncS = 60;
  /** Every text that ever came from the agent. */
  readonly texts: string[] = [];
  private readonly http = createServer((request, response) => {
    let text = '';
    request
      .on('data', (part: Buffer) => (text += part.toString()))
      .on('end', () => {
        this.texts.push(text);
        const { status, body } = this.join(request, text);
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
  });
  private readonly sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  constructor() {
    this.http.on('upgrade', (request, socket, head) => {
      if (this.upgradeAnswer !== null || request.url !== TUNNEL_PATH)
        return void socket.end(this.upgradeAnswer ?? 'HTTP/1.1 404 Not Found\r\n\r\n');
      this.sockets.handleUpgrade(request, socket, head, (client) => this.accept(client));
    });
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((listening) => this.http.listen(port, '127.0.0.1', listening));
    return this.url;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    for (const client of this.sockets.clients) client.terminate();
    this.http.closeAllConnections();
    await new Promise((closed) => this.http.close(closed));
  }

  /** The nth connection, counted from 1, once it stands. */
  async connection(count = 1): Promise<Connection> {
    await until(`connection ${count}`, () => this.connections.length >= count);
    return this.connections[count - 1]!;
  }

  private join(request: IncomingMessage, text: string): { status: number; body: object } {
    if (request.url !== JOIN_PATH) return { status: 404, body: {} };
    if (this.joinAnswer !== null) return this.joinAnswer;
    const join = parseJoin(text);
    if ('malformed' in join) return { status: 400, body: { code: 'http.invalid', detail: join.malformed } };
    this.joins.push({ request: join, text });
    this.publicKey = join.public_key;
    return { status: 201, body: { agent_id: AGENT_ID, server_time: new Date().toISOString(), instance_key: this.instanceKey } };
  }

  private accept(socket: WebSocket): void {
    const connection = new Connection(socket);
    this.connections.push(connection);
    socket.on('error', () => undefined).on('close', (code, reason) => (connection.closed = { code, reason: reason.toString() }));
    socket.on('message', (data) => {
      const text = (data as Buffer).toString();
      this.texts.push(text);
      const frame = parseFrame(text);
      if ('malformed' in frame) throw new Error(`the agent sent what is no frame: ${frame.malformed}`);
      connection.frames.push(frame as AgentFrame);
      if (frame.type === 'hello') this.greet(connection, frame);
      if (frame.type === 'heartbeat' && this.answersHeartbeats)
        connection.send({ type: 'heartbeat_ack', seq: frame.seq, received_at: frame.sent_at });
      if (this.acknowledges && /^(report_full|report|cost)$/.test(frame.type) && 'seq' in frame)
        connection.send({ type: 'ack', seq: frame.seq, full: false });
    });
    if (!this.isMute) connection.send({ type: 'challenge', nonce: NONCE });
  }

  private greet(connection: Connection, { agent_id, boot_id, signature, address = '' }: Hello): void {
    const asked = this.aliases.has(address) ? address : this.url;
    const signed = { nonce: NONCE, agent_id, boot_id, authority: new URL(asked).host };
    if (agent_id !== AGENT_ID || !verifyHello(this.publicKey ?? '', signed, signature)) return connection.close('unauthorised');
    if (this.refuse !== null) return connection.close(this.refuse.reason, this.refuse.retryAfterMs ?? null, this.refuse.why);
    const server_time = new Date().toISOString();
    const { heartbeatS: heartbeat_s, syncS: sync_s } = this;
    connection.send({
      type: 'welcome',
      session_id: `s${this.connections.length}`,
      epoch: this.connections.length,
      heartbeat_s,
      sync_s,
      desired: { version: null },
      server_time,
      instance_key: this.instanceKey,
      capabilities: this.capabilities,
    });
  }
}
