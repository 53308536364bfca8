import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Component, EventEntry, Peer, Role, TokenEntry } from '../contract.js';
import { FakeEdge } from './fake-edge.js';
import { FakeFederation } from './fake-federation.js';
import { FakeLog } from './fake-log.js';
import { countsOf, itemOfAgent, itemOfComponent } from './fake-overview.js';
import { type FakeRoute, Refusal, Replies, type Reply, type ReceivedRequest, problem } from './fake-replies.js';
import { NOW, component, peer, registered, tokenEntry, valkey } from './sample.js';

const PREFIX = '/api/v1/infrastructure';
const COOKIE = 'cb_session_inst-7f3q=s3cr3t-session';
const CSRF = 'csrf-of-the-session';
export const LOGIN_CODE = 'cb_login_Zm9vYmFyYmF6cXV4';
export const ADMIN_TOKEN = `cb_srv_${'A'.repeat(43)}`;
export const OPERATOR_TOKEN = `cb_srv_${'O'.repeat(43)}`;
export const VIEWER_TOKEN = `cb_srv_${'V'.repeat(43)}`;
/** What the server makes where no secret was given. */
export const MADE_SECRET = 'cbfs_bWFkZS1ieS10aGUtc2VydmVy';

export type Behaviour = (response: ServerResponse) => void;

interface NewToken {
  name: string;
  role: Role;
  expires_in_days: number | null;
  bindings?: TokenEntry['bindings'];
  caller_id?: string;
}

/** A small server that keeps to the contract of the API, on a port of its own. */
export class FakeApi extends Replies {
  readonly seen: ReceivedRequest[] = [];
  readonly peers: Peer[] = [peer(), peer({ peer_id: 'porto-1', remote_peer_id: 'inst-9k2m', label: 'Porto' })];
  components: Component[] = [component(), valkey];
  events: EventEntry[] = [registered];
  readonly tokens: TokenEntry[] = [];
  readonly federation = new FakeFederation(this, (id) => this.peerOf(id));
  readonly edge = new FakeEdge(this);
  readonly log = new FakeLog(this, () => this.events);
  /** In place of an answer, for everything. */
  behaviour: Behaviour | undefined;
  /** How many events are looked through for one answer. */
  looksAt = Infinity;
  instanceId = 'inst-here';
  codeIsGood = true;
  sessionRole: Role = 'admin';
  private readonly bearers = new Map<string, { id: string; role: Role }>([
    [ADMIN_TOKEN, { id: 't-admin', role: 'admin' }],
    [OPERATOR_TOKEN, { id: 't-operator', role: 'operator' }],
    [VIEWER_TOKEN, { id: 't-viewer', role: 'viewer' }],
  ]);
  private onRequest: () => void = () => {};
  private sessionIsOpen = false;
  private readonly server = createServer((request, response) => void this.answer(request, response));

  static async open(): Promise<FakeApi> {
    const api = new FakeApi();
    await new Promise<void>((done) => api.server.listen(0, '127.0.0.1', done));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get sessionsAreClosed(): boolean {
    return !this.sessionIsOpen;
  }

  /** Method and path of every request, in order. */
  get calls(): string[] {
    return this.seen.map(({ method, path }) => `${method} ${path}`);
  }

  knows(token: string): boolean {
    return this.bearers.has(token);
  }

  /** The next request, whoever makes it. */
  request(): Promise<void> {
    return new Promise((done) => (this.onRequest = done));
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const url = new URL(request.url ?? '/', 'http://here');
    const seen: ReceivedRequest = {
      method: request.method ?? '',
      path: url.pathname.replace(PREFIX, ''),
      query: Object.fromEntries(url.searchParams),
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.seen.push(seen);
    this.onRequest();
    if (this.behaviour !== undefined) return this.behaviour(response);
    const { status, body, headers } = this.replyTo(seen);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? undefined : JSON.stringify(body));
  }

  private replyTo(seen: ReceivedRequest): Reply {
    try {
      for (const [pattern, role, route] of this.routes) {
        const match = new RegExp(`^${pattern}$`).exec(`${seen.method} ${seen.path}`);
        if (match === null) continue;
        if (role !== null) this.admit(seen, role);
        return route(seen, ...match.slice(1).map(decodeURIComponent));
      }
      throw problem(404, 'http.404', `Cannot ${seen.method} ${seen.path}`, 'Compare the request with the API description.');
    } catch (thrown) {
      if (thrown instanceof Refusal) return thrown.reply;
      throw thrown;
    }
  }

  private callerOf({ headers, method }: ReceivedRequest): { id: string; role: Role; isSession: boolean } {
    const bearer = this.bearers.get(headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (bearer !== undefined) return { ...bearer, isSession: false };
    if (!this.sessionIsOpen || headers.cookie !== COOKIE)
      throw problem(401, 'access.login-needed', 'The request carries no token or session that is known.', 'Send a token.');
    if (method !== 'GET' && headers['x-csrf-token'] !== CSRF)
      throw problem(403, 'access.csrf', 'The request came without X-CSRF-Token.', 'Send it.');
    return { id: 'session', role: this.sessionRole, isSession: true };
  }

  private admit(seen: ReceivedRequest, needed: Role): void {
    const { id, role } = this.callerOf(seen);
    const rank: Role[] = ['viewer', 'operator', 'admin'];
    if (rank.indexOf(role) < rank.indexOf(needed))
      throw problem(403, 'access.denied', `This needs the role ${needed}; token:${id} has the role ${role}.`, 'Ask an admin.');
  }

  private readonly routes: readonly FakeRoute[] = [
    ['POST /session', null, ({ body }) => this.openSession((body as { code: string }).code)],
    ['GET /session', 'viewer', (seen) => this.whoAmI(seen)],
    ['DELETE /session', 'viewer', (seen) => this.closeSession(seen)],
    ['GET /tokens', 'admin', ({ query }) => this.page(query, this.tokens)],
    ['POST /tokens', 'admin', ({ body }) => this.issueToken(body as NewToken)],
    [
      'POST /tokens/([^/]+)/rotate',
      'admin',
      ({ body }, id) => this.rotateToken(id!, (body as { overlap_minutes: number }).overlap_minutes),
    ],
    ['POST /tokens/([^/]+)/revoke', 'admin', (_, id) => this.revokeToken(id!)],
    ['GET /overview', 'viewer', ({ query }) => this.envelope(query, this.overview())],
    ['GET /peers', 'viewer', ({ query }) => this.listPeers(query)],
    ['GET /peers/([^/]+)', 'viewer', ({ query }, id) => this.envelope(query, this.peerOf(id!))],
    ['POST /peers', 'operator', ({ body }) => this.addPeer(body as Peer & { outbound_secret?: string })],
    ['PATCH /peers/([^/]+)', 'operator', ({ body }, id) => this.change(id!, body as Partial<Peer>)],
    ['POST /peers/([^/]+)/suspend', 'operator', ({ body }, id) => this.suspend(id!, body as { until: string | null })],
    ['POST /peers/([^/]+)/resume', 'operator', (_, id) => this.change(id!, { status: 'pending', lifecycle: 'pending' })],
    [
      'POST /peers/([^/]+)/pin',
      'admin',
      ({ body }, id) => this.change(id!, { key_fingerprint: (body as { fingerprint: string }).fingerprint }),
    ],
    ['DELETE /peers/([^/]+)', 'admin', (_, id) => this.removePeer(id!)],
    ['GET /services', 'viewer', ({ query }) => this.envelope(query, this.components)],
    ['GET /services/([^/]+)', 'viewer', ({ query }, id) => this.envelope(query, this.componentOf(id!))],
    ['GET /events', 'viewer', ({ query }) => this.listEvents(query)],
    ...this.federation.routes,
    ...this.edge.routes,
    ...this.log.routes,
  ];

  private openSession(code: string): Reply {
    if (code !== LOGIN_CODE || !this.codeIsGood)
      throw problem(
        401,
        'access.code-invalid',
        'The login code is not known, was used before, or is older than 15 minutes.',
        'Run npm run login.',
      );
    this.codeIsGood = false;
    this.sessionIsOpen = true;
    const body = { actor: 'session:s-1', role: this.sessionRole, csrf_token: CSRF, expires_at: '2026-11-22T22:03:12.000Z' };
    return { status: 201, body, headers: { 'set-cookie': `${COOKIE}; Path=/; HttpOnly; SameSite=Strict` } };
  }

  private whoAmI(seen: ReceivedRequest): Reply {
    const { id, role, isSession } = this.callerOf(seen);
    const body = { actor: `${isSession ? 'session' : 'token'}:${id}`, role, csrf_token: isSession ? CSRF : null, expires_at: null };
    return { status: 200, body: { ...body, instance_id: this.instanceId, server_time: NOW } };
  }

  private closeSession(seen: ReceivedRequest): Reply {
    if (!this.callerOf(seen).isSession) throw problem(409, 'access.no-session', 'There is no session to close.', 'Revoke the token.');
    this.sessionIsOpen = false;
    return { status: 204 };
  }

  private issueToken({ name, role, expires_in_days: days, bindings = [], caller_id }: NewToken): Reply {
    const token_id = `t-${this.tokens.length + 1}`;
    const token = `cb_srv_${String(this.tokens.length + 1).repeat(43)}`;
    const expires_at = days === null ? null : new Date(Date.parse(NOW) + days * 86_400_000).toISOString();
    this.tokens.unshift(tokenEntry({ token_id, name, role, expires_at, bindings, caller_id: caller_id ?? token_id }));
    this.bearers.set(token, { id: token_id, role });
    return this.accepted({ token_id, token });
  }

  private rotateToken(id: string, minutes: number): Reply {
    const entry = this.tokens.find(({ token_id }) => token_id === id);
    if (entry === undefined) throw problem(404, 'access.token-unknown', `No service token ${id} was ever issued.`, 'List the tokens.');
    const { name, role, bindings, caller_id } = entry;
    const reply = this.issueToken({ name, role, expires_in_days: null, bindings, caller_id });
    entry.next_token_id = this.tokens[0]!.token_id;
    entry.ends_at = new Date(Date.parse(NOW) + minutes * 60_000).toISOString();
    return reply;
  }

  private revokeToken(id: string): Reply {
    const entry = this.tokens.find(({ token_id }) => token_id === id);
    if (entry === undefined) throw problem(404, 'access.token-unknown', `No service token ${id} was ever issued.`, 'List the tokens.');
    entry.revoked_at = NOW;
    for (const [token, bearer] of this.bearers) if (bearer.id === id) this.bearers.delete(token);
    return this.accepted();
  }

  private overview(): object {
    const services = countsOf(this.components);
    const edge = countsOf(this.edge.agents);
    const federation = countsOf(this.peers);
    const problems = [...this.edge.agents.map(itemOfAgent), ...this.components.map(itemOfComponent)].filter(
      ({ health }) => health !== 'up',
    );
    const down = services.down + edge.down;
    const verdict = down > 0 ? 'down' : services.unknown > 0 ? 'unknown' : services.degraded + edge.degraded > 0 ? 'degraded' : 'up';
    const sentence = `${problems.length} problem${problems.length === 1 ? '' : 's'} · ${services.up + edge.up}/${services.total + edge.total} healthy`;
    const sections = { federation, edge, services };
    return { verdict, sentence, server_time: NOW, instance_id: this.instanceId, sections, problems };
  }

  private peerOf(id: string): Peer {
    const found = this.peers.find(({ peer_id }) => peer_id === id);
    if (found === undefined)
      throw problem(404, 'federation.peer-unknown', `No peer ${id} is registered.`, 'List the peers to see which there are.');
    return found;
  }

  private componentOf(id: string): Component {
    const found = this.components.find(({ component_id }) => component_id === id);
    if (found === undefined) throw problem(404, 'services.component-unknown', `There is no component ${id}.`, 'List the services.');
    return found;
  }

  private listPeers({ status, q, ...query }: Record<string, string>): Reply {
    const chosen = this.peers.filter(
      (one) => (status === undefined || one.status === status) && (q === undefined || one.label.toLowerCase().includes(q.toLowerCase())),
    );
    return this.page(query, chosen);
  }

  private addPeer({ outbound_secret, ...fields }: Peer & { outbound_secret?: string }): Reply {
    if (outbound_secret !== undefined && outbound_secret.length < 24)
      throw problem(
        422,
        'federation.secret-weak',
        `The outbound_secret has ${outbound_secret.length} characters; at least 24 are needed.`,
        'Give a longer one.',
      );
    if (!URL.canParse(fields.url))
      throw problem(400, 'http.invalid', 'The request is not as described.', 'Correct the fields named in errors.', {
        errors: [{ field: 'url', message: 'url must be an address' }],
      });
    const added = peer({ ...fields, peer_id: `p-${this.peers.length + 1}`, since: NOW, registered_at: NOW });
    this.peers.push(added);
    return this.accepted({ peer_id: added.peer_id, ...(outbound_secret === undefined ? { outbound_secret: MADE_SECRET } : {}) });
  }

  private suspend(id: string, { until }: { until: string | null }): Reply {
    if (until !== null && until <= NOW)
      throw problem(422, 'federation.until-not-ahead', `${until} is not after ${NOW}.`, 'Give a later until, or null for no end.');
    const words = { reason: 'suspended_by_operator' as const, sentence: 'Suspended by an operator.' };
    return this.change(id, { status: 'suspended', lifecycle: 'suspended', suspended_until: until, since: NOW, ...words });
  }

  private change(id: string, fields: Partial<Peer>): Reply {
    Object.assign(this.peerOf(id), fields);
    return this.accepted();
  }

  private removePeer(id: string): Reply {
    this.peers.splice(this.peers.indexOf(this.peerOf(id)), 1);
    return this.accepted();
  }

  private listEvents({ before, stream, type, room, subject, actor, ...query }: Record<string, string>): Reply {
    const given = { stream, type, subject, actor };
    const from = before === undefined ? 0 : this.events.findIndex(({ position }) => position === before) + 1;
    const found: EventEntry[] = [];
    let at = from;
    for (; at < this.events.length && at - from < this.looksAt && found.length < Number(query['limit']); at++) {
      const event = this.events[at]!;
      const isMeant = Object.entries(given).every(([name, value]) => value === undefined || event[name as 'type'] === value);
      if (isMeant && (room === undefined || event.type.startsWith(`${room}.`))) found.push(event);
    }
    const reply = this.envelope(query, found);
    return at < this.events.length ? { ...reply, body: { ...(reply.body as object), next_cursor: this.events[at - 1]!.position } } : reply;
  }
}
