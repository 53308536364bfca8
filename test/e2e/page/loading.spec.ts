import type { Page } from 'playwright-core';
import { describePage } from './browser.js';
import { stage, until } from './stage.js';

const SENTENCE = '6 problems · 9/15 healthy · 1 pending, 1 enrolled, 1 suspended';
const LISTS = ['GET /peers', 'GET /edge-agents', 'GET /services'] as const;
const DOWN = { status: 503, code: 'read.unavailable', detail: 'PostgreSQL does not answer.', next: 'It is being restarted.' };
const OSLO = 'peer-77c01d5e9a2b4410';

/** Records every text that the named places of the page show, from its first render on. */
const record = async (page: Page, places: Record<string, string>): Promise<void> => {
  await page.addInitScript(`{
    const places = ${JSON.stringify(places)};
    window.shown = Object.fromEntries(Object.keys(places).map((name) => [name, []]));
    const look = () => {
      for (const [name, selector] of Object.entries(places)) {
        const text = document.querySelector(selector)?.textContent ?? '';
        if (text !== '' && window.shown[name].at(-1) !== text) window.shown[name].push(text);
      }
    };
    new MutationObserver(look).observe(document, { childList: true, characterData: true, subtree: true });
  }`);
};
const shown = (page: Page): Promise<Record<string, string[]>> => page.evaluate('window.shown');

describePage('a page that is still loading', () => {
  const on = stage();
  /** True once the server has been asked for each of these, by method and path. */
  const wasAsked = (...routes: string[]): boolean =>
    routes.every((route) => on.server.asked.some(({ method, path }) => route === `${method} ${path}`));

  it('says its headline and its counts once, whichever answer comes last', async () => {
    const entry = (section: string): string => `nav[aria-label=Sections] a[href*="section=${section}"] .text-xs`;
    await record(on.page, {
      headline: '[data-verdict]',
      announced: '[role=status]',
      peers: entry('federation'),
      agents: entry('edge'),
    });
    on.server.agents.push({ ...on.server.agents[0]!, agent_id: 'agent-gone', status: 'revoked', health: 'unknown', lifecycle: 'revoked' });
    const answerLists = on.server.hold(...LISTS);
    const answerOverview = on.server.hold('GET /overview');
    await on.open('?section=services', false);
    await until('the overview was asked for', () => wasAsked('GET /overview'));
    expect(await on.page.locator('[data-verdict]').count()).toBe(0);
    expect(await on.page.locator('header [aria-busy=true] .skeleton').count()).toBe(1);
    answerOverview();
    await on.page.locator('[data-verdict]').waitFor();
    expect(await on.page.locator('[role=table][aria-busy=true]').count()).toBe(1);
    answerLists();
    await on.page.locator('[data-row=valkey]').waitFor();
    for (const section of ['Federation Peers', 'Edge Agents']) {
      await on.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: section }).click();
      await on.page.getByRole('table', { name: section }).locator('[data-row]').first().waitFor();
    }
    expect(await shown(on.page)).toEqual({ headline: [SENTENCE], announced: [], peers: ['5 in all'], agents: ['5 in all'] });
    await until('the title counts them', async () => (await on.page.title()) === '(6) Infrastructure · ClawButler');
  });

  it('keeps the height of its header until the headline is there', async () => {
    const answer = on.server.hold('GET /overview');
    await on.open('?section=services', false);
    const [skeleton, title] = [on.page.locator('header [aria-busy=true]'), on.page.locator('header h1')];
    const [before, above] = [await skeleton.boundingBox(), await title.boundingBox()];
    answer();
    const after = await on.page.locator('[data-verdict]').boundingBox();
    expect([after?.x, after?.y, after?.height]).toEqual([before?.x, before?.y, before?.height]);
    expect(await title.boundingBox()).toEqual(above);
  });

  it('says the whole headline although no list can be read', async () => {
    for (const route of LISTS) on.server.broken.set(route, DOWN);
    await on.open('?section=federation', false);
    await on.page.getByRole('main').getByRole('alert').waitFor();
    expect(await on.page.locator('[data-verdict]').textContent()).toBe(SENTENCE);
  });

  it('says why there is no headline when the overview cannot be read, and recovers', async () => {
    on.server.broken.set('GET /overview', DOWN);
    await on.open('?section=services', false);
    const headline = on.page.locator('[data-verdict]');
    await headline.waitFor();
    expect(await headline.textContent()).toBe('Not known · PostgreSQL does not answer.');
    expect(await headline.getAttribute('data-verdict')).toBe('unknown');
    on.server.broken.clear();
    await on.page.keyboard.press('r');
    await on.page.locator('[data-verdict=down]').waitFor();
    expect(await headline.textContent()).toBe(SENTENCE);
  });

  it('keeps saying why a list failed while it asks again', async () => {
    on.server.broken.set('GET /services', DOWN);
    await on.open('?section=services', false);
    const alert = on.page.getByRole('main').getByRole('alert');
    await alert.waitFor();
    const answer = on.server.hold('GET /services');
    on.server.asked.length = 0;
    await on.page.keyboard.press('r');
    await until('the list was asked for again', () => wasAsked('GET /services'));
    await on.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    expect(await alert.count()).toBe(1);
    expect(await on.page.locator('[aria-busy=true]').count()).toBe(0);
    on.server.broken.clear();
    answer();
    await on.page.locator('[data-row=valkey]').waitFor();
    expect(await alert.count()).toBe(0);
  });

  it('does not call a row removed whose list cannot be read', async () => {
    on.server.broken.set('GET /services', DOWN);
    await on.open('?section=services&id=valkey', false);
    const drawer = on.page.getByRole('dialog', { name: 'Not known' });
    await drawer.waitFor();
    expect(await drawer.getByRole('alert').textContent()).toBe('PostgreSQL does not answer.It is being restarted. read.unavailable');
    on.server.broken.clear();
    await on.page.keyboard.press('r');
    await on.page.getByRole('dialog', { name: 'Valkey' }).waitFor();
  });

  it('does not tell an operator that the role is viewer before it knows the role', async () => {
    Object.assign(on.server, { peers: [], agents: [] });
    const answer = on.server.hold('GET /session');
    for (const [section, button] of [
      ['federation', 'Add peer'],
      ['edge', 'Enrol agent'],
    ] as const) {
      await on.page.goto(`${on.server.origin}/infrastructure?section=${section}`);
      await on.page.getByRole('main').locator('h3').waitFor();
      expect(await on.page.getByRole('main').textContent()).not.toContain('Your role is');
      if (section === 'edge') answer();
      if (section === 'edge') await on.page.getByRole('main').getByRole('button', { name: button }).waitFor();
    }
  });

  it('shows no id of a peer where its label will stand, and offers a dry run once the peers are known', async () => {
    const answer = on.server.hold('GET /peers');
    await on.open('?section=federation&view=rules', false);
    await on.page.locator('[data-rule=rule-in-planner]').waitFor();
    const main = on.page.getByRole('main');
    expect(await main.textContent()).not.toMatch(/peer-[0-9a-f]{16}|There is no peer to ask for/);
    answer();
    await on.page.locator('[data-rule=rule-out-archivist]').getByText('Oslo archive').waitFor();
    await on.page.getByLabel('Peer', { exact: true }).waitFor();
  });

  it('tells a call in labels, and its rule by its place, at once', async () => {
    const told = '[role=tabpanel] [data-outcome] p:nth-of-type(2)';
    const rule = '[role=tabpanel] a[href*="view=rules"]';
    await record(on.page, { told, rule });
    on.server.calls = on.server.calls.map((call) => ({ ...call, sentence: `${OSLO} refused it, which rule-out-archivist let through.` }));
    const answers = [on.server.hold('GET /routes'), on.server.hold('GET /peers')];
    await on.open(`?section=federation&id=${OSLO}&tab=calls&call=call-failed`, false);
    answers.pop()!();
    await on.page.locator(`${told.split(' p')[0]} .skeleton`).waitFor();
    answers.pop()!();
    await on.page.locator(rule).waitFor();
    expect(await shown(on.page)).toEqual({ told: ['Oslo archive refused it, which rule 1 let through.'], rule: ['Rule 1'] });
  });

  it("tells times by the server's clock from the first row on", async () => {
    await on.page.clock.install({ time: Date.now() + 3_600_000 });
    on.server.hold('GET /overview', 'GET /stream');
    await on.page.goto(`${on.server.origin}/infrastructure?section=services`);
    const since = on.page.locator('[data-row=gateway-lisbon] .col-since');
    expect(await since.textContent()).toBe('4m');
  });
});
