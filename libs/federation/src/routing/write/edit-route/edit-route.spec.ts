import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { RouteAdded, RouteEdited } from '../../events/index.js';
import { editRoute } from './edit-route.decide.js';

const { credential, limits } = RouteAdded.example;
const route = newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-1', before: null });
const open = newEvent(RouteAdded, {
  ...RouteAdded.example,
  rule_id: 'rule-1',
  before: null,
  classes: null,
  credential: null,
  limits: null,
});
const allow = newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-1', before: null, direction: 'out', action: 'allow', target_url: null, credential: null }); // prettier-ignore
const deny = newEvent(RouteAdded, { ...allow.data, action: 'deny', limits: null });
const { classes, target_url, note } = RouteAdded.example;
const about = { route_table: 'main' as const, rule_id: 'rule-1' };
const edited = (more: Partial<RouteEdited>) => newEvent(RouteEdited, { ...about, classes, target_url, credential, limits, note, ...more });
const rule_id = 'rule-1';
const elsewhere = 'https://other.example/';
const given = { credential_id: 'cred-2', header: 'X-Api-Key', fingerprint: '91bc-04de-77a1-3f2a' };
const rules = decider(editRoute);

describe('edit-route', () => {
  it('changes what is said, and leaves the rest', () =>
    rules
      .given(route)
      .when({ rule_id, classes: ['read'] })
      .then(edited({ classes: ['read'] })));
  it('names classes of a rule that had none, and leaves it without limits', () =>
    rules
      .given(open)
      .when({ rule_id, classes: ['read', 'send'] })
      .then(edited({ classes: ['read', 'send'], credential: null, limits: null })));
  it('completes limits with those that are there, or those of a new rule', () => {
    rules
      .given(route)
      .when({ rule_id, limits: { concurrent_calls: 2 } })
      .then(edited({ limits: { ...limits!, concurrent_calls: 2 } }));
    rules
      .given(open)
      .when({ rule_id, limits: { concurrent_calls: 2 } })
      .then(edited({ classes: null, credential: null, limits: { calls_per_minute: 600, concurrent_calls: 2, body_bytes: 16_777_216 } }));
  });
  it('replaces a credential by its next version, and removes one', () => {
    rules
      .given(route)
      .when({ rule_id, credential: { ...given, target_url: target_url! } })
      .then(edited({ credential: { ...given, version: 2 } }));
    rules
      .given(route)
      .when({ rule_id, credential: null })
      .then(edited({ credential: null }));
  });
  it('leads to another path of the same origin with the same credential', () =>
    rules
      .given(route)
      .when({ rule_id, target_url: 'https://agents.example/other/' })
      .then(edited({ target_url: 'https://agents.example/other/' })));

  it('refuses another origin with the credential that was given for this one', () => {
    for (const target of [elsewhere, 'https://agents.example:8443/', 'http://agents.example/'])
      rules.given(route).when({ rule_id, target_url: target }).refused('federation.credential-origin');
  });
  it('refuses a credential that was kept for another origin than the target is of by now', () =>
    rules
      .given(route)
      .when({ rule_id, credential: { ...given, target_url: elsewhere } })
      .refused('federation.credential-origin'));
  it.each([
    ['a credential of its own', { ...given, target_url: elsewhere }, { ...given, version: 2 }],
    ['none', null, null],
  ])('leads to another origin with %s', (_what, asked, kept) =>
    rules
      .given(route)
      .when({ rule_id, target_url: elsewhere, credential: asked })
      .then(edited({ target_url: elsewhere, credential: kept })),
  );

  it('may be asked twice', () => {
    rules
      .given(route)
      .when({ rule_id, classes: classes!, target_url: target_url!, limits: { ...limits }, note })
      .then();
    rules.given(route).when({ rule_id }).then();
    rules.given(open).when({ rule_id, credential: null }).then();
  });
  it('refuses a rule that is not there', () => rules.given().when({ rule_id }).refused('federation.rule-unknown'));
  it('refuses a target, or a credential, where nothing is routed', () => {
    rules.given(allow).when({ rule_id, target_url: elsewhere }).refused('federation.target-unused');
    rules.given(allow).when({ rule_id, credential: null }).refused('federation.credential-unused');
  });
  it('refuses limits of a rule that denies', () =>
    rules
      .given(deny)
      .when({ rule_id, limits: { concurrent_calls: 2 } })
      .refused('federation.limits-unused'));
});
