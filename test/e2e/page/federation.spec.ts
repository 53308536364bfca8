import type { Locator } from 'playwright-core';
import { describePage } from './browser.js';
import type { Asked } from './asked.js';
import { stage, until } from './stage.js';

const OSLO = 'peer-77c01d5e9a2b4410';
const NAIROBI = 'peer-e5f8b1a2c9d37704';

describePage('the link to a peer', () => {
  const on = stage();
  const drawer = (name: string): Locator => on.page.getByRole('dialog', { name });

  it('is told in its row: round trip, calls both ways, heartbeat; and of a dead one what was last known, and when', async () => {
    await on.open('?section=federation&show=all');
    const cells = (id: string): Promise<string[]> => on.page.locator(`[data-row=${id}]`).getByRole('cell').allTextContents();
    expect((await cells(OSLO)).slice(3, 7)).toEqual(['42 ms', '412', '96', expect.stringMatching(/^\d+s ago$/)]);
    const dead = await cells(NAIROBI);
    expect(dead.slice(3, 6)).toEqual(['88 ms', '3', '0']);
    expect(dead.at(-1)).toBe('It answered 401 to a signed heartbeat: reachable, but not authorised. Last known 15m ago.');
    expect((await cells('peer-3f2a91bc04de77a1'))[3]).toBe('–');
  });

  it('is explained in the drawer: why, since when, when it is tried again, and what they say of us', async () => {
    await on.open(`?section=federation&id=${NAIROBI}`);
    const told = (await drawer('Nairobi').getByRole('tabpanel').textContent())!;
    for (const word of ['auth_rejected', 'For 14m', 'Next attemptin 3', 'Last good15m ago', 'Their view of usAuth failed', '3 in · 0 out'])
      expect(told).toContain(word);
  });

  it('is tried at once when somebody asks, and the answer says what is wrong', async () => {
    await on.open(`?section=federation&id=${NAIROBI}`);
    await drawer('Nairobi').getByRole('button', { name: 'Retry now' }).click();
    const answer = drawer('Nairobi').locator('[data-answer=not]');
    expect(await answer.textContent()).toContain('Both sides must hold the same secret. auth_rejected');
    expect(on.server.asked.some(({ method, path }) => method === 'POST' && path === `/peers/${NAIROBI}/retry`)).toBe(true);
    await until('it is said', async () => (await on.page.getByRole('status').textContent())!.startsWith('It answered 401'));
  });

  it('is tested without a retry, and one that stands needs none', async () => {
    await on.open(`?section=federation&id=${OSLO}`);
    expect(await drawer('Oslo archive').getByRole('button', { name: 'Retry now' }).count()).toBe(0);
    await drawer('Oslo archive').getByRole('button', { name: 'Test connection' }).click();
    expect(await drawer('Oslo archive').locator('[data-answer=ok]').textContent()).toBe('Both sides proved the secret. 41 ms');
  });

  it('cannot be tested while no process answers, and says so', async () => {
    on.server.broken.set(`POST /peers/${OSLO}/test`, {
      status: 503,
      code: 'federation.not-running',
      detail: 'No federation process answers.',
      next: 'Start it.',
    });
    await on.open(`?section=federation&id=${OSLO}`);
    await drawer('Oslo archive').getByRole('button', { name: 'Test connection' }).click();
    expect(await drawer('Oslo archive').getByRole('alert').textContent()).toContain('federation.not-running');
  });

  it('is retried from the menu of its row, whose answer is said although the menu is gone', async () => {
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Actions for Nairobi' }).click();
    await on.page.getByRole('menuitem', { name: 'Retry now' }).click();
    await until('it is said', async () => (await on.page.getByRole('status').textContent())!.startsWith('Nairobi: It answered 401'));
  });

  it('is left alone by a viewer', async () => {
    on.server.role = 'viewer';
    await on.open(`?section=federation&id=${NAIROBI}`);
    await drawer('Nairobi').waitFor();
    expect(
      await drawer('Nairobi')
        .getByRole('button', { name: /Retry|Test/ })
        .count(),
    ).toBe(0);
  });
});

describePage('a link that is not saved yet', () => {
  const on = stage();
  const test = (): Locator => on.page.getByRole('dialog').getByRole('button', { name: 'Test connection' });
  const fill = async (url: string, secret: string): Promise<void> => {
    await on.page.getByLabel('URL').fill(url);
    await on.page.getByLabel('Shared secret').fill(secret);
  };
  const begin = async (): Promise<void> => {
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Add peer' }).click();
    await on.page.getByLabel('Remote peer id').fill('inst-tallinn');
    await on.page.getByLabel('The other side gave me one').check();
  };

  it('is tested with what stands in the form, and nothing is registered', async () => {
    await begin();
    expect(await test().isDisabled()).toBe(true);
    await fill('https://tallinn.example', 'a secret of enough characters');
    await test().click();
    expect(await on.page.locator('[data-answer=ok]').textContent()).toBe('Both sides proved the secret. 41 ms');
    const [asked] = on.server.asked.filter(({ path }) => path === '/peers/test');
    expect(asked!.body).toEqual({
      remote_peer_id: 'inst-tallinn',
      url: 'https://tallinn.example',
      outbound_secret: 'a secret of enough characters',
    });
    expect(on.server.peers).toHaveLength(5);
  });

  it('takes its answer back when the form is changed, and says what each trouble is', async () => {
    await begin();
    await fill('https://tallinn.example', 'a secret that is wrong');
    await test().click();
    await on.page.locator('[data-answer=not]').getByText('auth_rejected').waitFor();
    await on.page.getByLabel('URL').fill('https://nowhere.example');
    await on.page.locator('[data-answer]').waitFor({ state: 'detached' });
    await test().click();
    await on.page.locator('[data-answer=not]').getByText('connect_refused').waitFor();
    await on.page.getByLabel('URL').fill('https://10.0.0.4');
    await test().click();
    await until('the field is marked', async () => (await on.page.getByLabel('URL').getAttribute('aria-invalid')) === 'true');
    expect(await on.page.locator('[data-answer]').count()).toBe(0);
  });

  it('whose secret is made here is tested once it was handed over', async () => {
    await begin();
    await on.page.getByLabel('Make one and show it once').check();
    expect(await test().isDisabled()).toBe(true);
    await on.page.getByLabel('Label').fill('Tallinn');
    await on.page.getByLabel('URL').fill('https://tallinn.example');
    await on.page.getByRole('dialog').getByRole('button', { name: 'Add peer' }).click();
    const shown = on.page.getByRole('alertdialog', { name: 'Tallinn is registered' });
    await shown.getByRole('button', { name: 'Test connection' }).click();
    await shown.locator('[data-answer=not]').getByText('never_connected').waitFor();
  });
});

describePage('the calls of a peer', () => {
  const on = stage();
  const drawer = (): Locator => on.page.getByRole('dialog', { name: 'Oslo archive' });
  const lines = (): Locator => drawer().locator('[data-call]');
  const asked = (): Asked => on.server.asked.findLast(({ path }) => path === `/peers/${OSLO}/calls`)!;

  it('stand newest first, each with how it ended, which way it went, how long it took', async () => {
    await on.open(`?section=federation&id=${OSLO}`);
    await drawer().getByRole('tab', { name: 'Calls' }).click();
    await lines().first().waitFor();
    expect(new URL(on.page.url()).search).toBe(`?section=federation&id=${OSLO}&tab=calls`);
    expect(await lines().evaluateAll((all) => all.slice(0, 6).map((one) => one.getAttribute('data-outcome')))).toEqual([
      'open',
      'completed',
      'denied',
      'failed',
      'aborted',
      'unknown',
    ]);
    expect(await drawer().locator('[data-call=call-failed]').textContent()).toMatch(
      /^Failed1\.8 s1m ago\d\d:\d\d:\d\doutarchivistmessage\/send$/,
    );
  });

  it('are filtered by direction and outcome, which the URL holds', async () => {
    await on.open(`?section=federation&id=${OSLO}&tab=calls`);
    await drawer().getByRole('button', { name: 'In', exact: true }).click();
    await drawer().getByLabel('Outcome').selectOption('denied');
    await until('one is left', async () => (await lines().count()) === 1);
    expect(await lines().getAttribute('data-call')).toBe('call-denied');
    expect([asked().query.get('direction'), asked().query.get('outcome')]).toEqual(['in', 'denied']);
    expect(new URL(on.page.url()).search).toContain('direction=in&outcome=denied');
    await on.page.reload();
    await lines().first().waitFor();
    expect(await lines().count()).toBe(1);
    await drawer().getByRole('button', { name: 'Out', exact: true }).click();
    await drawer().getByText('No call matches these filters.').waitFor();
    await drawer().getByRole('button', { name: 'Clear both' }).click();
    await until('all are back', async () => (await lines().count()) === 50);
  });

  it('come page by page', async () => {
    await on.open(`?section=federation&id=${OSLO}&tab=calls`);
    await until('the first page is there', async () => (await lines().count()) === 50);
    await drawer().getByRole('button', { name: 'Load older' }).click();
    await until('the second page is there', async () => (await lines().count()) === 60);
    expect(await drawer().getByRole('button', { name: 'Load older' }).count()).toBe(0);
  });

  it('open one by one, by a link that can be sent, and lead back to the same filters', async () => {
    await on.open(`?section=federation&id=${OSLO}&tab=calls&direction=out&outcome=failed`);
    await lines().first().click();
    await on.page.waitForURL('**call=call-failed');
    const told = drawer().getByRole('tabpanel');
    await told.getByText('RPC error -32603', { exact: false }).first().waitFor();
    await told.getByRole('link', { name: 'Rule 1' }).waitFor();
    const text = (await told.textContent())!;
    for (const word of [
      'JSON-RPC, A2A 0.3',
      'HTTP 200 · RPC error -32603',
      'RuleRule 1rule-out-archivist',
      'version 391',
      'first byte after 1.8 s',
    ])
      expect(text).toContain(word);
    await on.page.goto(`${on.server.origin}/infrastructure?section=federation&id=${OSLO}&tab=calls&call=call-denied`);
    await told.getByText('No routing rule lets this peer call payroll.').waitFor();
    expect(await told.textContent()).toMatch(/None matched.*Asked for1m ago/);
    expect(await told.textContent()).not.toContain('Accepted');
    await on.page.goBack();
    await drawer().getByRole('link', { name: 'All calls' }).click();
    await on.page.waitForURL('**direction=out&outcome=failed');
    await until('the filter holds', async () => (await lines().count()) === 1);
  });

  it('that are not known are said to be so', async () => {
    await on.open(`?section=federation&id=${OSLO}&tab=calls&call=call-nowhere`);
    expect(await drawer().getByRole('alert').textContent()).toContain('federation.call-unknown');
  });

  it('follow the peer as it moves', async () => {
    await on.open(`?section=federation&id=${OSLO}&tab=calls&outcome=completed`);
    await lines().first().waitFor();
    on.server.calls = [{ ...on.server.calls[1]!, call_id: 'call-new' }, ...on.server.calls];
    on.server.change('federation', OSLO, { calls_out: 97 });
    await drawer().locator('[data-call=call-new]').waitFor();
  });

  it('are asked for soon again while one is under way', async () => {
    await on.open(`?section=federation&id=${OSLO}&tab=calls`);
    await drawer().locator('[data-call=call-open][data-outcome=open]').waitFor();
    on.server.calls[0] = { ...on.server.calls[0]!, outcome: 'completed', total_ms: 9_000 };
    await drawer().locator('[data-call=call-open][data-outcome=completed]').waitFor();
  });

  it('teach where there are none, and are no tab of what has none', async () => {
    await on.open('?section=federation&id=peer-3f2a91bc04de77a1&tab=calls');
    await on.page.getByText('No calls yet').waitFor();
    await on.page.getByRole('dialog').getByRole('link', { name: 'see the routing rules' }).click();
    await on.page.getByRole('table', { name: 'Routing rules' }).waitFor();
    await on.open('?section=services&id=valkey&tab=calls');
    expect(await on.page.getByRole('tab').allTextContents()).toEqual(['Now', 'Timeline', 'Config', 'Raw events']);
    expect(await on.page.getByRole('tab', { name: 'Now' }).getAttribute('aria-selected')).toBe('true');
  });
});

describePage('routing rules', () => {
  const on = stage();
  const lines = (): Promise<string[]> =>
    on.page.locator('[data-rule]').evaluateAll((all) => all.map((one) => one.getAttribute('data-rule')!));
  const sent = (method: string, path: RegExp): Asked[] => on.server.asked.filter((one) => one.method === method && path.test(one.path));

  it('stand in their order under the federation, with what holds where none does', async () => {
    await on.open('?section=federation');
    await on.page.getByRole('link', { name: 'Routing rules' }).click();
    await on.page.waitForURL('**view=rules');
    await on.page.locator('[data-rule=none]').waitFor();
    expect(await lines()).toEqual(['rule-out-archivist', 'rule-out-read', 'rule-in-payroll', 'rule-in-planner', 'none']);
    expect(await on.page.locator('[data-rule=rule-out-archivist]').getByRole('cell').allTextContents()).toEqual([
      '1',
      'out',
      'Oslo archive',
      'archivist',
      'read and send',
      'Allow',
      '',
      'agreed with Oslo in March',
    ]);
    expect(await on.page.locator('[data-rule=none]').textContent()).toBe('Everything elseDeny');
  });

  it('are added before another, with only what was filled in', async () => {
    await on.open('?section=federation&view=rules');
    await on.page.getByRole('button', { name: 'Add rule' }).click();
    const dialog = on.page.getByRole('dialog', { name: 'Add rule' });
    await dialog.getByText('In, from a peer').click();
    await dialog.getByLabel('Peer', { exact: true }).selectOption({ label: 'Kyoto research' });
    await dialog.getByLabel('Agent', { exact: true }).fill('librarian');
    await dialog.getByLabel('Target URL').fill('http://127.0.0.1:9400');
    await dialog.getByLabel('Credential').fill('Bearer of-the-librarian');
    await dialog.getByLabel('Place').selectOption('rule-in-payroll');
    await dialog.getByRole('button', { name: 'Add rule' }).click();
    const field = dialog.getByLabel('Target URL');
    await until('the field is marked', async () => (await field.getAttribute('aria-invalid')) === 'true');
    await field.fill('http://127.0.0.1:9400/');
    await dialog.getByRole('button', { name: 'Add rule' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent('POST', /^\/routes$/).at(-1)!.body).toEqual({
      direction: 'in',
      action: 'route',
      peer_id: 'peer-9e21b0c47d3f5582',
      agent: 'librarian',
      target_url: 'http://127.0.0.1:9400/',
      credential: { value: 'Bearer of-the-librarian' },
      before: 'rule-in-payroll',
    });
    const wanted = ['rule-out-archivist', 'rule-out-read', 'rule-5', 'rule-in-payroll', 'rule-in-planner', 'none'];
    await until('the rule is in its place', async () => String(await lines()) === String(wanted));
    expect(sent('GET', /^\/routes$/).some(({ query }) => query.has('after'))).toBe(true);
  });

  it('are edited and moved, and only what is another is sent; what a later release refuses is said', async () => {
    const [first] = on.server.rules;
    on.server.rules[0] = { ...first!, classes: null, warnings: ['It names no classes. Name them.'] };
    await on.open('?section=federation&view=rules');
    await on.page.locator('[data-rule=rule-out-archivist]').getByText('It names no classes. Name them.').waitFor();
    await on.page.getByRole('button', { name: 'Edit rule 1' }).click();
    const dialog = on.page.getByRole('dialog', { name: 'Edit rule 1' });
    await dialog.getByLabel('Methods').selectOption('read,send');
    await dialog.getByLabel('Place').selectOption('rule-in-planner');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent('PATCH', /^\/routes\/rule-out-archivist$/).map(({ body }) => body)).toEqual([{ classes: ['read', 'send'] }]);
    expect(sent('POST', /^\/routes\/rule-out-archivist\/move$/).map(({ body }) => body)).toEqual([{ before: 'rule-in-planner' }]);
    await until('it is in its place', async () => (await lines())[2] === 'rule-out-archivist');
  });

  it('that route get another credential, of which nothing is shown', async () => {
    await on.open('?section=federation&view=rules');
    await on.page.getByRole('button', { name: 'Edit rule 4' }).click();
    const dialog = on.page.getByRole('dialog', { name: 'Edit rule 4' });
    await dialog.getByLabel('New credential').fill('Bearer new');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent('PATCH', /^\/routes\/rule-in-planner$/).map(({ body }) => body)).toEqual([{ credential: { value: 'Bearer new' } }]);
    await on.page.locator('[data-rule=rule-in-planner]').getByText('credential in Authorization, version 1').waitFor();
  });

  it('that route get other limits, of which only those that are another are sent', async () => {
    await on.open('?section=federation&view=rules');
    await on.page.getByRole('button', { name: 'Edit rule 4' }).click();
    const dialog = on.page.getByRole('dialog', { name: 'Edit rule 4' });
    await dialog.getByLabel('Calls a minute').fill('90');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent('PATCH', /^\/routes\/rule-in-planner$/).map(({ body }) => body)).toEqual([{ limits: { calls_per_minute: 90 } }]);
    await on.page.getByRole('button', { name: 'Edit rule 4' }).click();
    expect(await dialog.getByLabel('Calls a minute').inputValue()).toBe('90');
  });

  it('that route lose their credential, and send none from then on', async () => {
    await on.open('?section=federation&view=rules');
    await on.page.getByRole('button', { name: 'Edit rule 4' }).click();
    const dialog = on.page.getByRole('dialog', { name: 'Edit rule 4' });
    await dialog.getByLabel('New credential').fill('Bearer new');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await on.page.locator('[data-rule=rule-in-planner]').getByText('credential in Authorization').waitFor();
    await on.page.getByRole('button', { name: 'Edit rule 4' }).click();
    await dialog.getByLabel('Remove the credential').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(sent('PATCH', /^\/routes\/rule-in-planner$/).at(-1)!.body).toEqual({ credential: null });
    await on.page.locator('[data-rule=rule-in-planner]').getByText('credential in Authorization').waitFor({ state: 'detached' });
  });

  it('are removed after a question', async () => {
    await on.open('?section=federation&view=rules');
    await on.page.getByRole('button', { name: 'Remove rule 3' }).click();
    const asks = on.page.getByRole('alertdialog', { name: 'Remove rule 3' });
    expect(await asks.textContent()).toContain('in, any peer, payroll, any method: deny.');
    await asks.getByRole('button', { name: 'Remove rule' }).click();
    await until('it is gone', async () => !(await lines()).includes('rule-in-payroll'));
    expect(sent('DELETE', /^\/routes\/rule-in-payroll$/)).toHaveLength(1);
  });

  it('are tried without a call: the one that would decide is marked', async () => {
    await on.open('?section=federation&view=rules');
    await on.page.getByText('In', { exact: true }).click();
    await on.page.getByLabel('Peer', { exact: true }).selectOption({ label: 'Oslo archive' });
    await on.page.getByLabel('Agent', { exact: true }).fill('payroll');
    await on.page.keyboard.press('Enter');
    expect(await on.page.locator('[data-decision=deny]').textContent()).toBe(
      'DenyA send call from Oslo archive for payroll is denied by rule 3 of 4.',
    );
    expect(sent('POST', /^\/routes\/test$/)[0]!.body).toEqual({ direction: 'in', peer_id: OSLO, agent: 'payroll', method: 'SendMessage' });
    await on.page.locator('[data-rule=rule-in-payroll][data-met]').waitFor();
    await on.page.getByLabel('Agent', { exact: true }).fill('stranger');
    await on.page.locator('[data-met]').waitFor({ state: 'detached' });
    await on.page.getByRole('button', { name: 'Try' }).click();
    await on.page.locator('[data-rule=none][data-met]').waitFor();
    await until('it is said', async () => (await on.page.getByRole('status').textContent())!.startsWith('No rule matches'));
  });

  it('can be looked at and tried by a viewer, and no more', async () => {
    on.server.role = 'viewer';
    await on.open('?section=federation&view=rules');
    expect(await on.page.getByRole('button', { name: /Add rule|Edit rule|Remove rule/ }).count()).toBe(0);
    await on.page.getByLabel('Agent', { exact: true }).fill('planner');
    await on.page.getByRole('button', { name: 'Try' }).click();
    await on.page.locator('[data-decision]').waitFor();
  });

  it('say that nothing may be called while there are none', async () => {
    on.server.rules = [];
    await on.open('?section=federation&view=rules');
    expect(await on.page.locator('[data-rule=none]').textContent()).toBe('There is no rule yet, so every call is denied.Deny');
  });
});
