import type {
  Call,
  Component,
  EdgeAgent,
  LiveSection,
  NewAgent,
  NewLink,
  NewPeer,
  NewRoute,
  RouteEdit,
  Patch,
  Peer,
  RecordedEvent,
  Role,
  Route,
  RouteQuestion,
  RowRecord,
  Warning,
} from '../../../apps/dashboard/src/contract.js';
import type { Asked } from './asked.js';
import { callsOf, decisionOf, testOf, testOfPeer, withEdited, withMoved, withRule, withoutRule } from './contract-federation.js';
import { LogContract, eventsOf } from './contract-log.js';
import { calls, rules } from './fixtures-calls.js';
import { agent, agents, agentsFor, pingOf } from './fixtures-edge.js';
import { before, components, facts, overview, peer, peers, probes } from './fixtures.js';
import { refused } from './refused.js';

const CODE = 'cb_login_open-sesame';
const CSRF = 'csrf-of-this-session';
const SECRET = 'cbfs_mJ4cQ0vTzP7wYkX2bN9sR5aL8dHfGe1u';
export const JOIN_TOKEN_ID = 'join-5e0b77a2';
export const JOIN_TOKEN = 'cbj_q7Zt0mVb3XyK9aWc5LhJ2sPdR8uNfE1gTiOoQkYxMzA';

/** What the API answers, kept in memory: what the page may rely on, and nothing else. A spec changes its rows. */
export abstract class Contract {
  peers: Peer[] = peers();
  calls: Call[] = calls();
  rules: Route[] = rules();
  agents: EdgeAgent[] = agents();
  components: Component[] = components();
  facts: RecordedEvent[] = facts();
  probes: RecordedEvent[] = probes();
  readonly log = new LogContract();
  role: Role = 'admin';
  /** So long the line of an enrolment is good. */
  joinLineMs = 30 * 60_000;
  /** Whether the cookie of the browser is of a session. */
  loggedIn = true;
  /** What every answer says it lacks. */
  warnings: Warning[] = [];
  protected position = 412;

  get code(): string {
    return CODE;
  }

  get secret(): string {
    return SECRET;
  }

  /** Everybody who listens hears it. */
  abstract say(event: string, data: unknown, id?: string): void;

  /** Everybody hears of it, and the lists say it from now on. */
  change(section: LiveSection, id: string, over: Partial<RowRecord> | null): void {
    const position = `f${++this.position}`;
    const patch: Patch = { section, id, position, data: this.changed(section, id, over) };
    this.say('patch', patch, position);
    this.say('verdict', this.overview(), position);
  }

  private changed(section: LiveSection, id: string, over: Partial<RowRecord> | null): RowRecord | null {
    switch (section) {
      case 'federation':
        return change(this.peers, 'peer_id', id, over);
      case 'edge':
        return change(this.agents, 'agent_id', id, over);
      case 'services':
        return change(this.components, 'component_id', id, over);
    }
  }

  /** Somebody ran the line of an enrolment. */
  join(over: Partial<EdgeAgent> & Pick<EdgeAgent, 'agent_id' | 'label' | 'join_token_id'>): void {
    this.agents.push(agent(over));
    this.change('edge', over.agent_id, {});
  }

  private overview(): ReturnType<typeof overview> {
    return overview(this.peers, agentsFor(this.agents, new URLSearchParams()), this.components);
  }

  protected admit({ method, path, headers }: Asked): void {
    if (method === 'POST' && path === '/session') return;
    if (!this.loggedIn) throw refused(401, 'access.login-needed', 'The session is not known, or it expired.', 'Log in again.');
    if (method !== 'GET' && headers['x-csrf-token'] !== CSRF)
      throw refused(403, 'access.csrf', 'The X-CSRF-Token of the session is missing.', 'Read it from GET session.');
  }

  protected route(asked: Asked): [number, unknown] {
    const { method, path, query, body } = asked;
    switch (`${method} ${path}`) {
      case 'POST /peers/test':
        return [200, testOf(body as NewLink)];
      case 'POST /routes':
        return this.addRule(body as NewRoute);
      case 'POST /routes/test':
        return [200, decisionOf(this.rules, body as RouteQuestion)];
      case 'POST /edge-agents/enroll':
        return this.enrol(body as NewAgent);
    }
    const [, collection, id, verb] = path.split('/');
    const ofLog = this.log.route(asked, this.role, this.facts, this.probes);
    if (ofLog !== undefined) return [ofLog.status, ofLog.data === undefined ? ofLog.body : this.wrapped(ofLog.data)];
    switch (`${method} /${collection}${verb === undefined ? '' : `/:id/${verb}`}`) {
      case 'POST /session':
        return this.logIn(body as { code: string });
      case 'GET /session':
        return [200, { actor: 'session:1f6e2c30', role: this.role, csrf_token: CSRF, expires_at: null, ...this.instance() }];
      case 'DELETE /session':
        this.loggedIn = false;
        return [204, undefined];
      case 'GET /overview':
        return [200, this.wrapped(this.overview())];
      case 'GET /peers':
        return [200, this.page1(this.peers, query)];
      case 'GET /services':
        return [200, this.wrapped(this.components)];
      case 'GET /events':
        return [200, this.events(query)];
      case 'POST /peers':
        return this.register(body as NewPeer);
      case 'PATCH /peers':
        this.change('federation', id!, { label: (body as { label: string }).label });
        return this.accepted();
      case 'DELETE /peers':
        this.change('federation', id!, null);
        return this.accepted();
      case 'POST /peers/:id/suspend': {
        const { note, until } = body as { note: string; until: string | null };
        const sentence = `Suspended by an operator ${until === null ? 'until further notice' : `until ${until}`}: ${note}`;
        this.change('federation', id!, {
          lifecycle: 'suspended',
          status: 'suspended',
          health: 'unknown',
          sentence,
          suspended_until: until,
        });
        return this.accepted();
      }
      case 'POST /peers/:id/resume':
        this.change('federation', id!, { lifecycle: 'pending', status: 'pending', health: 'unknown', suspended_until: null });
        return this.accepted();
      case 'POST /peers/:id/test':
      case 'POST /peers/:id/retry':
        return [200, testOfPeer(this.peers.find(({ peer_id: own }) => own === id)!)];
      case 'GET /peers/:id/calls':
        return [200, this.page1(callsOf(this.calls, id!, query), query)];
      case 'GET /calls':
        return [
          200,
          this.wrapped(
            found(
              this.calls.find(({ call_id: own }) => own === id),
              'federation.call-unknown',
            ),
          ),
        ];
      case 'GET /routes':
        return [200, this.wrapped(this.rules)];
      case 'PATCH /routes':
        this.rules = withEdited(this.rules, id!, body as RouteEdit);
        return [202, { ...this.accepted()[1], agent: null }];
      case 'POST /routes/:id/move':
        this.rules = withMoved(this.rules, id!, (body as { before: string | null }).before);
        return this.accepted();
      case 'DELETE /routes':
        this.rules = withoutRule(this.rules, id!);
        return this.accepted();
      case 'GET /edge-agents':
        return [200, this.page1(agentsFor(this.agents, query), query)];
      case 'POST /edge-agents/:id/archive':
        this.change('edge', id!, { archived_at: new Date().toISOString() });
        return this.accepted();
      case 'POST /edge-agents/:id/unarchive':
        this.change('edge', id!, { archived_at: null });
        return this.accepted();
      case 'POST /edge-agents/:id/ping':
        return [200, pingOf(this.agents.find(({ agent_id: own }) => own === id)!)];
      case 'POST /edge-agents/:id/revoke': {
        const sentence = `Revoked by an operator: ${(body as { note: string }).note}`;
        this.change('edge', id!, { lifecycle: 'revoked', status: 'revoked', health: 'unknown', reason: 'revoked', sentence });
        return this.accepted();
      }
      default:
        throw refused(404, 'http.404', `There is no ${method} ${path}.`, 'See openapi.json.');
    }
  }

  private logIn({ code }: { code: string }): [number, unknown] {
    if (code !== CODE)
      throw refused(
        401,
        'access.code-invalid',
        'The login code is not known, was used before, or is older than 15 minutes.',
        'Run npm run login.',
      );
    this.loggedIn = true;
    return [
      201,
      { actor: 'session:1f6e2c30', role: this.role, csrf_token: CSRF, expires_at: new Date(Date.now() + 43_200_000).toISOString() },
    ];
  }

  private register(given: NewPeer): [number, unknown] {
    const errors = (['remote_peer_id', 'label', 'url'] as const)
      .filter((field) => given[field] === '')
      .map((field) => ({ field, message: `${field} must not be empty` }));
    if (errors.length > 0)
      throw refused(400, 'http.invalid', 'The request is not as described.', 'Correct the fields named in errors.', errors);
    if (given.url.includes('10.0.0.'))
      throw refused(
        422,
        'federation.url-denied',
        'The URL of a peer may not be this one: it is a private address.',
        'Give an https URL of a public address.',
      );
    if (given.outbound_secret !== undefined && given.outbound_secret.length < 24)
      throw refused(
        422,
        'federation.secret-weak',
        'The outbound_secret has too few characters; at least 24 are needed.',
        'Give a longer one.',
      );
    if (this.peers.some((one) => one.remote_peer_id === given.remote_peer_id))
      throw refused(409, 'federation.peer-exists', `The instance ${given.remote_peer_id} is registered already.`, 'Use that peer.');
    const { outbound_secret: brought, ...fields } = given;
    const added = peer({
      peer_id: `peer-${(this.peers.length + 1).toString(16).padStart(16, '0')}`,
      ...fields,
      since: new Date().toISOString(),
    });
    this.peers.push(added);
    this.change('federation', added.peer_id, {});
    return [202, { ...this.accepted()[1], peer_id: added.peer_id, ...(brought === undefined && { outbound_secret: SECRET }) }];
  }

  private addRule(given: NewRoute): [number, unknown] {
    const { rules: next, ruleId } = withRule(this.rules, given);
    this.rules = next;
    return [202, { ...this.accepted()[1], rule_id: ruleId, agent: null }];
  }

  private enrol({ hostname_pattern: pattern, gateway, gateway_token_file: file }: NewAgent): [number, unknown] {
    if (pattern?.includes(' ') === true)
      throw refused(400, 'http.invalid', 'The request is not as described.', 'Correct the fields named in errors.', [
        { field: 'hostname_pattern', message: 'hostname_pattern must hold no space' },
      ]);
    const options = (gateway === undefined ? '' : ` --gateway ${gateway}`) + (file === undefined ? '' : ` --gateway-token-file ${file}`);
    return [
      202,
      {
        ...this.accepted()[1],
        join_token_id: JOIN_TOKEN_ID,
        join_token: JOIN_TOKEN,
        expires_at: before(-this.joinLineMs),
        command: `printf %s '${JOIN_TOKEN}' | npm run -s edge-agent -- join --server http://127.0.0.1:4601${options}`,
      },
    ];
  }

  private events(query: URLSearchParams): object {
    const { page, next } = eventsOf(query.get('stream') === 'telemetry' ? this.probes : this.facts, query);
    return { ...this.wrapped(page), ...(next !== undefined && { next_cursor: next }) };
  }

  private page1(rows: readonly object[], query: URLSearchParams): object {
    const from = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit') ?? 50);
    return { ...this.wrapped(rows.slice(from, from + limit)), ...(from + limit < rows.length && { next_cursor: String(from + limit) }) };
  }

  private wrapped(data: unknown): object {
    return { as_of: new Date().toISOString(), position: `f${this.position}`, lag_ms: 12, warnings: this.warnings, data };
  }

  private instance(): object {
    return { instance_id: 'inst-7f3q9k2m', server_time: new Date().toISOString() };
  }

  private accepted(): [number, { position: string }] {
    return [202, { position: `f${this.position}` }];
  }
}

function found<T>(one: T | undefined, code: string): T {
  if (one === undefined) throw refused(404, code, 'There is no such thing.', 'Look at the list.');
  return one;
}

function change<Row extends object, Key extends keyof Row>(rows: Row[], key: Key, id: string, over: object | null): Row | null {
  const at = rows.findIndex((row) => row[key] === id);
  if (over === null) return (rows.splice(at, 1), null);
  return (rows[at] = { ...rows[at]!, ...over });
}
