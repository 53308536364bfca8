import type {
  Call,
  LinkTest,
  NewLink,
  NewRoute,
  Peer,
  Route,
  RouteDecision,
  RouteEdit,
  RouteQuestion,
} from '../../../apps/dashboard/src/contract.js';
import { rule } from './fixtures-calls.js';
import { refused } from './refused.js';

/** What the other sides of links answer, and what rules decide. */

const GOOD: LinkTest = { ok: true, reason: null, sentence: 'Both sides proved the secret.', rtt_ms: 41.3 };
const WRONG: LinkTest = {
  ok: false,
  reason: 'auth_rejected',
  sentence: 'It answered 401 to a signed challenge: reachable, but not authorised.',
  rtt_ms: 38,
};

/** A secret that ends in `wrong` is; whoever lives `nowhere` does not answer. */
export function testOf({ url, outbound_secret: secret }: NewLink): LinkTest {
  if (url.includes('10.0.0.'))
    throw refused(422, 'federation.url-denied', 'The URL of a peer may not be this one.', 'Give an https URL of a public address.');
  if (url.includes('nowhere'))
    return { ok: false, reason: 'connect_refused', sentence: 'Nothing listens there: the connection was refused.', rtt_ms: null };
  return secret.endsWith('wrong') ? WRONG : GOOD;
}

export const testOfPeer = ({ status }: Peer): LinkTest =>
  status === 'connected'
    ? GOOD
    : status === 'auth_failed'
      ? WRONG
      : { ok: false, reason: 'never_connected', sentence: 'It answers, and does not know this instance yet.', rtt_ms: 40 };

export function callsOf(calls: readonly Call[], peerId: string, query: URLSearchParams): Call[] {
  return calls.filter(
    (call) =>
      call.peer_id === peerId && (['direction', 'outcome'] as const).every((key) => !query.has(key) || query.get(key) === call[key]),
  );
}

const numbered = (rules: readonly Route[]): Route[] => rules.map((one, index) => ({ ...one, order: index + 1 }));

export function withRule(rules: readonly Route[], given: NewRoute): { rules: Route[]; ruleId: string } {
  if (given.action === 'route' && given.target_url?.endsWith('/') !== true)
    throw refused(422, 'federation.target-invalid', 'The target_url does not end with a slash.', 'End it with one.');
  const ruleId = `rule-${rules.length + 1}`;
  const { before, credential, limits: _, ...fields } = given;
  const at = before === undefined ? rules.length : rules.findIndex(({ rule_id: id }) => id === before);
  return {
    ruleId,
    rules: numbered(rules.toSpliced(at, 0, rule({ rule_id: ruleId, version: 413, ...fields, credential: kept(credential) }))),
  };
}

const LIMITS = { calls_per_minute: 600, concurrent_calls: 64, body_bytes: 16_777_216 };

/** The value is in no answer. */
const kept = (given: NewRoute['credential']): Route['credential'] =>
  given ? { credential_id: 'cred-1', header: given.header ?? 'Authorization', version: 1, fingerprint: '3f2a-91bc-04de-77a1' } : null;

export function withEdited(rules: readonly Route[], ruleId: string, { credential, limits, ...fields }: RouteEdit): Route[] {
  const more = { ...(credential !== undefined && { credential: kept(credential) }), ...(limits && { limits: { ...LIMITS, ...limits } }) };
  return rules.map((one) => (one.rule_id === ruleId ? { ...one, ...fields, ...more, warnings: [], version: 414 } : one));
}

export function withMoved(rules: readonly Route[], ruleId: string, before: string | null): Route[] {
  const others = rules.filter(({ rule_id: id }) => id !== ruleId);
  const at = before === null ? others.length : others.findIndex(({ rule_id: id }) => id === before);
  return numbered(
    others.toSpliced(
      at,
      0,
      rules.find(({ rule_id: id }) => id === ruleId)!,
    ),
  );
}

export const withoutRule = (rules: readonly Route[], ruleId: string): Route[] => numbered(rules.filter(({ rule_id: id }) => id !== ruleId));

export function decisionOf(rules: readonly Route[], asked: RouteQuestion): RouteDecision {
  const methodClass = /Get|List|get|list/.test(asked.method) ? 'read' : 'send';
  const met = rules.find(
    (one) =>
      one.direction === asked.direction &&
      (one.peer_id === null || one.peer_id === asked.peer_id) &&
      (one.agent === null || one.agent === asked.agent) &&
      (one.classes?.includes(methodClass) ?? true),
  );
  return {
    action: met?.action ?? 'deny',
    rule_id: met?.rule_id ?? null,
    rule_version: met?.version ?? null,
    target_url: met?.target_url ?? null,
    method_class: methodClass,
    agent: null,
    sentence:
      met === undefined ? 'No rule matches, and what no rule matches is denied.' : sentenceOf(met, asked, methodClass, rules.length),
  };
}

/** By ids, as the server knows them. */
function sentenceOf(
  { action, target_url: target, rule_id, order }: Route,
  asked: RouteQuestion,
  methodClass: string,
  many: number,
): string {
  const done = { allow: 'is allowed', deny: 'is denied', route: `goes to ${target}` }[action];
  const way = asked.direction === 'in' ? 'from' : 'to';
  return `A ${methodClass} call ${way} ${asked.peer_id} for ${asked.agent} ${done} by ${rule_id}, rule ${order} of ${many}.`;
}
