import { describePage, violationsOn } from './browser.js';
import { JOIN_TOKEN_ID } from './contract.js';
import { stage, until } from './stage.js';

const PLACES: [name: string, query: string][] = [
  ['federation', '?section=federation&show=all'],
  ['edge', '?section=edge&show=all'],
  ['routing rules', '?section=federation&view=rules'],
  ['services', '?section=services&show=all'],
  ['events', '?section=events'],
  ['a service, now', '?section=services&id=gateway-lisbon'],
  ['a service, its timeline', '?section=services&id=gateway-lisbon&tab=timeline'],
  ['a peer whose link is down, now', '?section=federation&id=peer-e5f8b1a2c9d37704'],
  ['the calls of a peer', '?section=federation&id=peer-77c01d5e9a2b4410&tab=calls'],
  ['a call', '?section=federation&id=peer-77c01d5e9a2b4410&tab=calls&call=call-failed'],
  ['an agent, now', '?section=edge&id=agent-11d0c5e2a8b74f93'],
  ['a dead agent, now', '?section=edge&id=agent-b3a1f0c47d92e586'],
  ['an agent, its config', '?section=edge&id=agent-11d0c5e2a8b74f93&tab=config'],
  ['a peer, its config', '?section=federation&id=peer-c4d7a0f1e8b26693&tab=config'],
  ['raw events', '?section=services&id=valkey&tab=raw'],
  ['an event', '?section=events&id=f410'],
  ['nothing found', '?section=services&q=nowhere'],
];

for (const colorScheme of ['light', 'dark'] as const) {
  describePage(`axe finds nothing in the ${colorScheme} theme`, () => {
    const on = stage({ colorScheme });

    it.each(PLACES)('in %s', async (_, query) => {
      await on.open(query);
      if (query.includes('id=')) await on.page.getByRole('dialog').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
    });

    it('in the dialogs', async () => {
      await on.open('?section=federation');
      await on.page.getByRole('button', { name: 'Add peer' }).click();
      await on.page.getByLabel('The other side gave me one').check();
      await on.page.getByRole('dialog').getByRole('button', { name: 'Add peer' }).click();
      await on.page.getByText('Give it a label.').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      await on.page.getByLabel('Make one and show it once').check();
      await on.page.getByLabel('Remote peer id').fill('inst-tallinn');
      await on.page.getByLabel('Label').fill('Tallinn');
      await on.page.getByLabel('URL').fill('https://tallinn.example');
      await on.page.getByRole('dialog').getByRole('button', { name: 'Add peer' }).click();
      await on.page.locator('[data-secret]').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      await on.page.getByRole('button', { name: 'Done' }).click();
      for (const [action, role] of [
        ['Edit label…', 'dialog'],
        ['Suspend…', 'dialog'],
        ['Remove…', 'alertdialog'],
      ] as const) {
        await on.page.getByRole('button', { name: 'Actions for Lisbon' }).click();
        await on.page.getByRole('menu').waitFor();
        if (role === 'alertdialog') expect(await violationsOn(on.page)).toEqual([]);
        await on.page.getByRole('menuitem', { name: action }).click();
        await on.page.getByRole(role).waitFor();
        expect(await violationsOn(on.page)).toEqual([]);
        await on.page.keyboard.press('Escape');
        await on.page.getByRole(role).waitFor({ state: 'detached' });
      }
      await on.page.getByRole('button', { name: 'Add peer' }).click();
      await on.page.getByLabel('Remote peer id').fill('inst-tallinn');
      await on.page.getByLabel('URL').fill('https://tallinn.example');
      await on.page.getByLabel('The other side gave me one').check();
      await on.page.getByLabel('Shared secret').fill('a secret that is wrong');
      await on.page.getByRole('button', { name: 'Test connection' }).click();
      await on.page.locator('[data-answer]').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      await on.page.keyboard.press('Escape');
      await on.page.keyboard.press('?');
      await on.page.getByRole('dialog', { name: 'Keys and signs' }).waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
    });

    it('in the dialogs of rules and agents', async () => {
      await on.open('?section=federation&view=rules');
      await on.page.getByRole('button', { name: 'Add rule' }).click();
      await on.page.getByText('In, from a peer').click();
      await on.page.getByLabel('Target URL').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      await on.page.keyboard.press('Escape');
      await on.page.getByRole('button', { name: 'Remove rule 1' }).click();
      await on.page.getByRole('alertdialog').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      await on.page.keyboard.press('Escape');
      await on.page.getByLabel('Agent').fill('payroll');
      await on.page.getByRole('button', { name: 'Try' }).click();
      await on.page.locator('[data-decision]').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);

      await on.open('?section=edge');
      await on.page.getByRole('button', { name: 'Enrol agent' }).click();
      await on.page.getByRole('dialog').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      await on.page.getByRole('button', { name: 'Show the line' }).click();
      await on.page.locator('[data-enrolment=waiting]').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      on.server.join({ agent_id: 'agent-new', label: 'tallinn-1', join_token_id: JOIN_TOKEN_ID });
      await on.page.locator('[data-enrolment=connected]').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      await on.page.getByRole('button', { name: 'Done' }).click();
      await on.page.getByRole('button', { name: 'Actions for berlin-3' }).click();
      await on.page.getByRole('menuitem', { name: 'Revoke…' }).click();
      await on.page.getByRole('alertdialog').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
    });

    it('where there are no agents and no rules', async () => {
      Object.assign(on.server, { agents: [], rules: [] });
      for (const query of ['?section=edge', '?section=federation&view=rules']) {
        await on.open(query);
        expect(await violationsOn(on.page)).toEqual([]);
      }
    });

    it('where there are no peers, while the list loads, and while the page is stale', async () => {
      on.server.peers = [];
      await on.open('?section=federation');
      expect(await violationsOn(on.page)).toEqual([]);
      await on.page.clock.install();
      await on.open('?section=services');
      on.server.gone = true;
      on.server.cutStreams();
      await on.page.clock.runFor(40_000);
      await on.page.locator('[data-freshness=stale]').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      on.server.gone = false;
      on.server.gates.set('GET /services', new Promise(() => {}));
      await on.page.goto(`${on.server.origin}/infrastructure?section=services`);
      await on.page.locator('[role=table][aria-busy=true]').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
    });

    it('at the login', async () => {
      await on.page.goto(`${on.server.origin}/login#code=cb_login_used`);
      await on.page.getByRole('alert').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
    });
  });
}

describePage('the check itself', () => {
  const on = stage();

  it('finds what is wrong', async () => {
    await on.open('?section=services');
    await on.page.evaluate(
      `document.querySelector('[data-verdict]').style.color = '#ccc'; document.querySelector('[data-search]').parentElement.outerHTML = '<input>'`,
    );
    expect((await violationsOn(on.page)).map(({ id }) => id).toSorted()).toEqual(['color-contrast', 'label']);
  });
});

describePage('the theme', () => {
  const on = stage({ colorScheme: 'dark' });
  const paper = (): Promise<string> => on.page.evaluate('getComputedStyle(document.documentElement).backgroundColor');

  it("is the system's until another is chosen, which is kept", async () => {
    await on.open('?section=services');
    expect(await paper()).toBe('rgb(15, 17, 20)');
    await on.page.getByRole('button', { name: 'Theme: system' }).click();
    await on.page.getByRole('button', { name: 'Theme: light' }).waitFor();
    await until('it is light', async () => (await paper()) === 'rgb(246, 246, 244)');
    await on.page.reload();
    await on.page.getByRole('button', { name: 'Theme: light' }).waitFor();
    expect(await paper()).toBe('rgb(246, 246, 244)');
    await on.page.emulateMedia({ colorScheme: 'light' });
    await on.page.getByRole('button', { name: 'Theme: light' }).click();
    await until('it is dark', async () => (await paper()) === 'rgb(15, 17, 20)');
    await on.page.getByRole('button', { name: 'Theme: dark' }).click();
    await until("it is the system's", async () => (await paper()) === 'rgb(246, 246, 244)');
  });
});

describePage('motion', () => {
  const still = stage({ reducedMotion: 'reduce' });
  it('stops where somebody asked for less', async () => {
    await still.open('?section=services&id=valkey');
    await still.page.getByRole('dialog').waitFor();
    const longest = await still.page.evaluate(
      `Math.max(...document.getAnimations().map((one) => one.effect.getComputedTiming().endTime === Infinity ? Infinity : one.effect.getComputedTiming().endTime), 0)`,
    );
    expect(longest).toBeLessThan(1);
  });
});
