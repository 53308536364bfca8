import type { RefusalCatalogue } from '@app/kernel';

/** The refusals of routing. A code is public and never changes; its words may. */
export const refusals = {
  'federation.rule-unknown': {
    kind: 'not-found',
    title: 'Rule unknown',
    detail: 'There is no routing rule {rule_id}.',
    next: 'List the routes to see which there are; it may have been removed before.',
  },
  'federation.before-unknown': {
    kind: 'invalid',
    title: 'Place unknown',
    detail: 'There is no routing rule {before} that the new one could stand before.',
    next: 'List the routes and name one of them, or leave before out: the rule then comes last.',
  },
  'federation.rule-mismatch': {
    kind: 'invalid',
    title: 'Action not possible',
    detail: 'The action of a rule about calls {direction} is {possible}, not {action}.',
    next: 'Calls out are allowed or denied; calls in are routed to an agent here, or denied.',
  },
  'federation.target-missing': {
    kind: 'invalid',
    title: 'Target missing',
    detail: 'A rule that routes calls needs a target_url to route them to.',
    next: 'Give the base URL of the agent: its card is below it, at .well-known/agent-card.json.',
  },
  'federation.target-unused': {
    kind: 'invalid',
    title: 'Target without use',
    detail: 'A rule with the action {action} sends nothing to a target_url.',
    next: 'Leave target_url out, or make it a rule about calls in with the action route.',
  },
  'federation.target-denied': {
    kind: 'invalid',
    title: 'Target not allowed',
    detail: 'Calls may not be routed to this URL: {because}.',
    next:
      'Give an https URL of a public address. For an agent in a private network, set FEDERATION_ALLOW_CIDRS (such as 10.20.0.0/16); for ' +
      'one on this machine, ROUTE_ALLOW_LOOPBACK=true; then restart. A listener or a server of this instance is never a target.',
  },
  'federation.classes-twice': {
    kind: 'invalid',
    title: 'Classes named twice',
    detail: 'The rule names both classes and method_class.',
    next: 'Give classes alone.',
  },
  'federation.credential-unused': {
    kind: 'invalid',
    title: 'Credential without use',
    detail: 'A rule with the action {action} sends nothing to an agent, so it has no use for a credential.',
    next: 'Leave credential out, or make it a rule about calls in with the action route.',
  },
  'federation.credential-scheme': {
    kind: 'invalid',
    title: 'Scheme missing',
    detail: 'The value of an Authorization header begins with its scheme, and this one has none.',
    next: 'Give the whole value: Bearer, a blank, and the token.',
  },
  'federation.credential-origin': {
    kind: 'invalid',
    title: 'Credential is for another origin',
    detail: 'The credential of {rule_id} was given for {origin}, and the target would be elsewhere.',
    next: 'Give the credential for the new target as well, or null for none.',
  },
  'federation.limits-unused': {
    kind: 'invalid',
    title: 'Limits without use',
    detail: 'A rule that denies lets nothing through that could be limited.',
    next: 'Leave limits out.',
  },
  'federation.routes-full': {
    kind: 'conflict',
    title: 'Too many rules',
    detail: 'The routing table has {most} rules, and holds no more.',
    next: 'Remove rules that are not needed, or replace several by one that leaves more open.',
  },
} as const satisfies RefusalCatalogue<'federation'>;

/** Codes of this catalogue; without a parameter all of them. */
export type Refused<Code extends keyof typeof refusals = keyof typeof refusals> = Code;
