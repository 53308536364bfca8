import { MemoryLog } from '@app/event-store/testing';
import { assertShape, newEvent } from '@app/kernel';
import { GOOD, type RoutesApp, openRoutesApp } from '../../../../testing/routes-app.js';
import { RouteAdded, type RouteEdited } from '../../events/index.js';
import { EditRouteController } from './edit-route.controller.js';
import { RouteEditAccepted } from './edit-route.view.js';

const OLD = { credential_id: 'cred-old', header: 'Authorization', version: 1, fingerprint: '3f2a-91bc-04de-77a1' };
const target_url = 'http://127.0.0.1:9000/planner/';
let log: MemoryLog;
let app: RoutesApp;
beforeEach(async () => {
  log = new MemoryLog();
  log.add(newEvent(RouteAdded, { ...RouteAdded.example, rule_id: 'rule-1', before: null, target_url, credential: OLD }));
  app = await openRoutesApp([EditRouteController], log, [{ host: 'localhost', port: 4222 }]);
  app.credentials.rows.set(OLD.credential_id, { rule_id: 'rule-1', target: target_url, value: 'Bearer old' });
});
afterEach(() => app.close());

const patch = (body: unknown, decider = 'rule-1') => app.ask('PATCH', `routes/${decider}`, body);
const edited = (): RouteEdited[] =>
  log.facts.filter(({ type }) => type === 'federation.route.edited').map(({ data }) => data as RouteEdited);

it('changes a rule, and says what the card of its agent says from then on', async () => {
  const { status, body } = await patch({ target_url: 'http://localhost:9000/next', classes: ['admin', 'read'], note: 'moved' });
  expect([status, body]).toEqual([202, { position: 'f2', agent: GOOD }]);
  expect(() => assertShape(RouteEditAccepted, body)).not.toThrow();
  expect(edited()).toMatchObject([
    { target_url: 'http://localhost:9000/next/', classes: ['read', 'admin'], credential: OLD, note: 'moved' },
  ]);
  expect(app.checked).toMatchObject([{ rule_id: 'rule-1', target_url: 'http://localhost:9000/next/', credential: OLD }]);
  expect([...app.credentials.rows.keys()]).toEqual([OLD.credential_id]);
});

it('replaces the credential: the old value goes, and no fact or answer has the new one', async () => {
  const { status, text } = await patch({ credential: { value: 'Bearer cb-agent-new' } });
  expect([status, text]).toEqual([202, expect.not.stringContaining('cb-agent')]);
  expect([...app.credentials.rows]).toEqual([['cred-1', { rule_id: 'rule-1', target: target_url, value: 'Bearer cb-agent-new' }]]);
  expect(edited()).toMatchObject([{ credential: { credential_id: 'cred-1', version: 2 } }]);
  expect(JSON.stringify(log.facts)).not.toContain('cb-agent');
});

it('keeps the header of the credential that is replaced, unless another is named', async () => {
  await patch({ credential: { header: 'X-Api-Key', value: 'k-1' } });
  await patch({ credential: { value: 'k-2' } });
  expect(edited()).toMatchObject([
    { credential: { header: 'X-Api-Key', version: 2 } },
    { credential: { header: 'X-Api-Key', version: 3 } },
  ]);
});

it('removes the credential', async () => {
  expect((await patch({ credential: null })).status).toBe(202);
  expect([edited(), app.credentials.rows.size]).toMatchObject([[{ credential: null }], 0]);
});

it('keeps the new credential for the new target', async () => {
  expect((await patch({ target_url: 'http://127.0.0.1:9001/', credential: { value: 'Bearer x' } })).status).toBe(202);
  expect([...app.credentials.rows.values()]).toMatchObject([{ target: 'http://127.0.0.1:9001/' }]);
});

it.each([
  [{ target_url: 'http://127.0.0.1:9001/' }, 422, 'federation.credential-origin'],
  [{ target_url: 'http://127.0.0.1:4222/' }, 422, 'federation.target-denied'],
  [{ target_url: 'https://10.0.0.1/' }, 422, 'federation.target-denied'],
  [{ credential: { value: 'x' } }, 422, 'federation.credential-scheme'],
])('refuses %j, and the credential stays', async (body, status, code) => {
  expect(await patch(body)).toMatchObject({ status, body: { code } });
  expect([edited(), [...app.credentials.rows.keys()]]).toEqual([[], [OLD.credential_id]]);
});

it('does not know a rule that is not there', async () => {
  expect(await patch({ note: 'x', credential: { value: 'Bearer x' } }, 'rule-2')).toMatchObject({
    status: 404,
    body: { code: 'federation.rule-unknown' },
  });
  expect(app.credentials.rows.size).toBe(1);
});

it.each([
  ['classes', { classes: [] }],
  ['classes', { classes: null }],
  ['target_url', { target_url: null }],
  ['note', { note: null }],
  ['limits', { limits: null }],
  ['credential.value', { credential: { header: 'X-Api-Key' } }],
  ['action', { action: 'deny' }],
])('does not understand %s', async (field, body) => {
  const answer = await patch(body);
  expect(answer).toMatchObject({ status: 400, body: { code: 'http.invalid' } });
  expect((answer.body as { errors: { field: string }[] }).errors.map((each) => each.field)).toContain(field);
});
