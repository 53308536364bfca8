import type { AgentCheck, Call, LinkTest, Route } from '../contract.js';
import { type FakeRoute, type Replies, type Reply, assertFields, invalid, problem } from './fake-replies.js';
import { NOW, route } from './sample.js';

const EDIT_FIELDS = ['classes', 'target_url', 'credential', 'limits', 'note'];
const RULE_FIELDS = ['direction', 'action', 'peer_id', 'agent', 'method_class', 'before', ...EDIT_FIELDS];
const CLASSES: Record<string, Call['method_class']> = { SendMessage: 'send', 'message/send': 'send', GetTask: 'read' };

/** A rule as commands give it; the value of a credential is in no answer. */
type NewRule = Omit<Partial<Route>, 'credential' | 'limits'> & {
  credential?: { header?: string; value: string } | null;
  limits?: Partial<NonNullable<Route['limits']>>;
};

interface Question {
  direction: Route['direction'];
  peer_id: string;
  agent: string;
  method: string;
}

/** Links, calls and rules. */
export class FakeFederation {
  readonly calls: Call[] = [];
  readonly rules: Route[] = [];
  /** What every try of a link comes to. */
  link: LinkTest = { ok: true, reason: null, sentence: 'Both sides know each other.', rtt_ms: 12.4 };
  isRunning = true;
  /** What the card of every agent says. */
  agent: AgentCheck = { ok: true, reason: null, sentence: 'The card was read.', interfaces: [] };

  constructor(
    private readonly replies: Replies,
    /** Throws where there is no such peer. */
    private readonly peerOf: (id: string) => unknown,
  ) {}

  readonly routes: readonly FakeRoute[] = [
    ['POST /peers/test', 'operator', ({ body }) => this.testUnsaved(body)],
    ['POST /peers/([^/]+)/(?:test|retry)', 'operator', (_, id) => (this.peerOf(id!), this.tried())],
    ['GET /peers/([^/]+)/calls', 'viewer', ({ query }, id) => this.listCalls(id!, query)],
    ['GET /calls/([^/]+)', 'viewer', ({ query }, id) => this.replies.envelope(query, this.callOf(id!))],
    ['GET /routes', 'viewer', ({ query }) => this.replies.envelope(query, this.rules)],
    ['POST /routes', 'operator', ({ body }) => this.addRule(body as NewRule & { before?: string })],
    ['POST /routes/test', 'viewer', ({ body }) => this.decide(body as Question)],
    ['PATCH /routes/([^/]+)', 'operator', ({ body }, id) => this.editRule(id!, body as NewRule)],
    ['POST /routes/([^/]+)/move', 'operator', ({ body }, id) => this.moveRule(id!, (body as { before: string | null }).before)],
    ['DELETE /routes/([^/]+)', 'operator', (_, id) => this.removeRule(id!)],
    ['POST /routes/([^/]+)/release', 'admin', (_, id) => this.releaseRule(id!)],
  ];

  private testUnsaved(body: unknown): Reply {
    const fields = ['url', 'remote_peer_id', 'outbound_secret'];
    assertFields(body, fields);
    const missing = fields.filter((field) => typeof (body as Record<string, unknown>)[field] !== 'string');
    if (missing.length > 0) throw invalid(...missing);
    return this.tried();
  }

  private tried(): Reply {
    if (!this.isRunning) throw problem(503, 'federation.not-running', 'No federation process answers.', 'Start it, then try again.');
    return { status: 200, body: this.link };
  }

  private listCalls(peerId: string, { direction, outcome, ...query }: Record<string, string>): Reply {
    if (!this.calls.some(({ peer_id }) => peer_id === peerId)) this.peerOf(peerId);
    const isMeant = (call: Call) =>
      call.peer_id === peerId && (direction ?? call.direction) === call.direction && (outcome ?? call.outcome) === call.outcome;
    return this.replies.page(query, this.calls.filter(isMeant));
  }

  private callOf(id: string): Call {
    const found = this.calls.find(({ call_id }) => call_id === id);
    if (found === undefined) throw problem(404, 'federation.call-unknown', `No call ${id} is known.`, 'List the calls of its peer.');
    return found;
  }

  private addRule({ before, ...fields }: NewRule & { before?: string }): Reply {
    assertFields({ before, ...fields }, RULE_FIELDS);
    if (fields.action === 'route' && fields.target_url === undefined)
      throw problem(422, 'federation.target-missing', 'A rule that routes calls needs a target_url.', 'Give the base URL of the agent.');
    const at = before === undefined ? this.rules.length : this.rules.findIndex(({ rule_id }) => rule_id === before);
    if (at < 0) throw problem(422, 'federation.before-unknown', `There is no routing rule ${before}.`, 'Name one that is there.');
    const rule_id = `rule-${this.rules.length + 1}`;
    const any = { peer_id: null, agent: null, method_class: null, classes: fields.method_class ? [fields.method_class] : null };
    this.rules.splice(at, 0, route({ ...any, ...this.kept(fields), rule_id, added_at: NOW }));
    return this.renumbered({ rule_id, agent: fields.action === 'route' ? this.agent : null });
  }

  private editRule(id: string, fields: NewRule): Reply {
    assertFields(fields, EDIT_FIELDS);
    const at = this.indexOf(id);
    this.rules[at] = { ...this.rules[at]!, ...this.kept(fields) };
    return this.renumbered({ agent: this.rules[at].target_url === null ? null : this.agent });
  }

  private moveRule(id: string, before: string | null): Reply {
    const [moved] = this.rules.splice(this.indexOf(id), 1);
    this.rules.splice(before === null ? this.rules.length : this.indexOf(before), 0, moved!);
    return this.renumbered();
  }

  private kept({ credential, limits, ...fields }: NewRule): Partial<Route> {
    const header = credential?.header ?? 'Authorization';
    return {
      ...fields,
      ...(credential !== undefined && {
        credential: credential && { credential_id: 'cred-1', header, version: 1, fingerprint: '3f2a-91bc-04de-77a1' },
      }),
      ...(limits !== undefined && { limits: { ...route().limits!, ...limits } }),
    };
  }

  private releaseRule(id: string): Reply {
    const at = this.indexOf(id);
    this.rules[at] = { ...this.rules[at]!, held: false };
    return this.renumbered();
  }

  private removeRule(id: string): Reply {
    this.rules.splice(this.indexOf(id), 1);
    return this.renumbered();
  }

  private indexOf(id: string): number {
    const at = this.rules.findIndex(({ rule_id }) => rule_id === id);
    if (at < 0) throw problem(404, 'federation.rule-unknown', `There is no rule ${id}.`, 'List the rules.');
    return at;
  }

  private renumbered(more: object = {}): Reply {
    this.rules.forEach((rule, at) => (rule.order = at + 1));
    return this.replies.accepted(more);
  }

  private decide({ direction, peer_id, agent, method }: Question): Reply {
    this.peerOf(peer_id);
    const method_class = CLASSES[method] ?? 'admin';
    const rule = this.rules.find(
      (one) =>
        one.direction === direction &&
        [null, peer_id].includes(one.peer_id) &&
        [null, agent].includes(one.agent) &&
        (one.classes?.includes(method_class) ?? true),
    );
    const { action = 'deny', rule_id = null, version: rule_version = null, target_url = null } = rule ?? {};
    const sentence = rule === undefined ? 'No rule matches, so it is denied.' : `Rule ${rule.order} matches.`;
    return { status: 200, body: { action, rule_id, rule_version, target_url, method_class, sentence, agent: target_url && this.agent } };
  }
}
