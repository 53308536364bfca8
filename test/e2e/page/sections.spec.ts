import { describePage } from './browser.js';
import { components, peers } from './fixtures.js';
import { rowNames, stage, until } from './stage.js';

describePage('the sections', () => {
  const on = stage();

  it('answer with one sentence, and say what is wrong in the other sections', async () => {
    await on.open('?section=services');
    const verdict = on.page.locator('[data-verdict]');
    expect(await verdict.textContent()).toBe('6 problems · 9/15 healthy · 1 pending, 1 enrolled, 1 suspended');
    expect(await verdict.getAttribute('data-verdict')).toBe('down');
    const elsewhere = on.page.getByRole('list', { name: 'Problems in other sections' });
    expect(await elsewhere.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^Nairobi.*auth failed 1\dm$/),
      expect.stringMatching(/^berlin-3.*disconnected 4m$/),
      expect.stringMatching(/^porto-2.*restarting \d\ds$/),
    ]);
    await until('the title counts them', async () => (await on.page.title()) === '(6) Infrastructure · ClawButler');
  });

  it('are counted in the sidebar, with their worst state in words', async () => {
    await on.open();
    const links = on.page.getByRole('navigation', { name: 'Sections' }).getByRole('link');
    await until('the counts are there', async () => (await links.nth(2).textContent())?.includes('8') === true);
    const told = await Promise.all((await links.all()).map(async (link) => (await link.textContent())?.replaceAll(/\s+/g, ' ')));
    expect(told[0]).toContain('worst state down, 5 in all');
    expect(told[1]).toContain('worst state down, 5 in all');
    expect(told[2]).toContain('worst state down, 8 in all');
    await links.nth(2).click();
    await on.page.waitForURL('**/infrastructure?section=services');
    await until('the entry is current', async () => (await links.nth(2).getAttribute('aria-current')) === 'page');
  });

  it('stand under the id of this instance, which the other side of a peering needs', async () => {
    await on.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: on.server.origin });
    await on.open();
    await on.page.getByRole('button', { name: 'Copy the id of this instance, inst-7f3q9k2m' }).click();
    await until('it is said', async () => (await on.page.getByRole('status').textContent()) === 'Instance id copied');
    expect(await on.page.evaluate('navigator.clipboard.readText()')).toBe('inst-7f3q9k2m');
  });

  it('put problems first, the worst and latest on top, and fold the healthy', async () => {
    await on.open('?section=services');
    expect(await rowNames(on.page)).toEqual(['lisbon', 'Valkey', 'Gateways']);
    const lisbon = on.page.locator('[data-row=gateway-lisbon]');
    expect(await lisbon.textContent()).toContain('2 probes in a row failed: 10.0.7.3:18789 refuses connections.');
    expect(await lisbon.getByRole('cell').first().textContent()).toBe('Down');
    await on.page.getByRole('button', { name: /^5 healthy/ }).click();
    await on.page.waitForURL('**show=all');
    await on.page.locator('[data-row=postgresql]').waitFor();
    expect(await rowNames(on.page)).toEqual([
      'lisbon',
      'Valkey',
      'Gateways',
      'API',
      'PostgreSQL',
      'NATS JetStream',
      'Projections',
      'berlin',
    ]);
    expect(await on.page.locator('[data-row=postgresql]').textContent()).toMatch(/Healthy.*1 ms/);
  });

  it('show the healthy when there is nothing else', async () => {
    on.server.components = components().filter(({ health }) => health === 'up');
    await on.open('?section=services');
    expect(await rowNames(on.page)).toHaveLength(5);
  });

  it('draw sixty minutes, and say them in words', async () => {
    await on.open('?section=services');
    const bar = on.page.locator('[data-row=gateway-lisbon]').getByRole('img');
    expect(await bar.getAttribute('aria-label')).toBe('Last 60 minutes: 110 of 120 probes good');
    expect(await on.page.locator('[data-row=valkey]').getByRole('img').getAttribute('aria-label')).toMatch(/ 3 minutes unknown$/);
    expect(await bar.locator('path').count()).toBeGreaterThanOrEqual(3);
    await bar.hover({ position: { x: 178, y: 10 } });
    await on.page.getByText(/^\d\d:\d\d {2}0 of 2 probes good, worst down$/).waitFor();
  });

  it('are filtered by state and by words, which the URL holds', async () => {
    await on.open('?section=federation');
    await on.page.getByRole('button', { name: 'Healthy 2' }).click();
    await until('only the healthy stand there', async () => (await rowNames(on.page)).join() === 'Kyoto research,Oslo archive');
    await on.page.getByRole('searchbox').fill('oslo');
    await until('only Oslo stands there', async () => (await rowNames(on.page)).join() === 'Oslo archive');
    expect(new URL(on.page.url()).search).toBe('?section=federation&status=up&q=oslo');
    await on.page.reload();
    await on.page.locator('[data-row-link]').waitFor();
    expect(await rowNames(on.page)).toEqual(['Oslo archive']);
    await on.page.getByRole('searchbox').fill('no such thing');
    await on.page.getByRole('button', { name: 'Clear both' }).click();
    await until('all filters are gone', async () => (await rowNames(on.page)).length === 3);
  });

  it('are filed under what they are: who waits or is suspended is not unknown', async () => {
    on.server.peers.push({ ...peers()[1]!, peer_id: 'peer-lost', label: 'Lost', status: 'unknown', health: 'unknown' });
    await on.open('?section=federation');
    const chips = on.page.getByRole('group', { name: 'Filter by state' }).getByRole('button');
    expect(await chips.allTextContents()).toEqual(['All 6', 'Down 1', 'Unknown 1', 'Pending 1', 'Suspended 1', 'Healthy 2']);
    await chips.filter({ hasText: 'Unknown' }).click();
    await until('only the lost stands there', async () => (await rowNames(on.page)).join() === 'Lost');
  });

  it('take a word of the product as a filter, from a link', async () => {
    await on.open('?section=federation&status=auth_failed');
    expect(await rowNames(on.page)).toEqual(['Nairobi']);
    await on.page.getByRole('button', { name: 'Auth failed' }).click();
    await until('the filter is gone', async () => !on.page.url().includes('status'));
  });

  it('teach where they are empty', async () => {
    on.server.peers = [];
    on.server.agents = [];
    await on.open('?section=edge');
    await on.page.getByRole('heading', { name: 'No edge agents yet' }).waitFor();
    expect(await on.page.getByRole('main').getByRole('button', { name: 'Enrol agent' }).count()).toBe(1);
    await on.page.getByRole('link', { name: 'Federation Peers' }).click();
    await on.page.getByRole('heading', { name: 'No peers yet' }).waitFor();
    expect(await on.page.getByRole('main').textContent()).toContain('inst-7f3q9k2m');
    await on.page.getByRole('button', { name: 'Add peer' }).click();
    await on.page.getByRole('dialog', { name: 'Add peer' }).waitFor();
  });

  it('read all pages of a long list', async () => {
    on.server.peers = Array.from({ length: 250 }, (_, index) => ({ ...peers()[0]!, peer_id: `peer-${index}`, label: `Peer ${index}` }));
    await on.open('?section=federation');
    expect(await rowNames(on.page)).toHaveLength(250);
  });

  it.each([
    ['GET /services', '?section=services', '[data-row=valkey]'],
    ['GET /peers', '?section=federation', '[data-row=peer-3f2a91bc04de77a1]'],
    ['GET /edge-agents', '?section=edge', '[data-row=agent-b3a1f0c47d92e586]'],
    ['GET /routes', '?section=federation&view=rules', '[data-rule=rule-in-planner]'],
  ])('keep their geometry while %s is under way', async (asked, query, row) => {
    const answer = on.server.hold(asked);
    await on.open(query, false);
    const head = on.page.locator('.head');
    const before = await head.boundingBox();
    expect(await on.page.locator('[aria-busy=true] .skeleton').count()).toBeGreaterThan(10);
    answer();
    await on.page.locator(row).waitFor();
    const after = await head.boundingBox();
    expect([after?.x, after?.width, after?.height]).toEqual([before?.x, before?.width, before?.height]);
  });

  it('say what the server says its answer lacks', async () => {
    on.server.warnings = [{ code: 'log.down', detail: 'NATS does not answer: this is the last snapshot.' }];
    await on.open('?section=services');
    expect(await on.page.getByRole('main').textContent()).toContain('NATS does not answer: this is the last snapshot. log.down');
  });

  it('say why there is nothing, when the API fails', async () => {
    on.server.broken.set('GET /services', {
      status: 503,
      code: 'read.unavailable',
      detail: 'PostgreSQL does not answer.',
      next: 'It is being restarted.',
    });
    await on.open('?section=services');
    expect(await on.page.getByRole('alert').textContent()).toBe('PostgreSQL does not answer.It is being restarted. read.unavailable');
  });
});

describePage('the drawer', () => {
  const on = stage();

  it('opens by the row, is held by the URL, and closes by the back button', async () => {
    await on.open('?section=services');
    await on.page.locator('[data-row=valkey]').click({ position: { x: 5, y: 5 } });
    const drawer = on.page.getByRole('dialog', { name: 'Valkey' });
    await drawer.waitFor();
    expect(new URL(on.page.url()).search).toBe('?section=services&id=valkey');
    expect(await drawer.textContent()).toContain('p95 of the last 8 probes is 64 ms, above 20 ms.');
    expect(await drawer.textContent()).toContain('Latency alone never counts as down.');
    expect(await drawer.textContent()).toContain('t90101 t90107 t90112');
    await on.page.goBack();
    await drawer.waitFor({ state: 'hidden' });
  });

  it('tells what became of a thing, from its own events', async () => {
    await on.open('?section=services&id=gateway-lisbon&tab=timeline');
    const entries = on.page.getByRole('dialog').getByRole('listitem');
    await entries.first().waitFor();
    expect((await entries.allTextContents()).map((text) => text.replace(/(now|\d+\w+ ago).*/, ''))).toEqual([
      'healthy → down',
      'recovering → healthy',
      'degraded → recovering',
    ]);
    expect(await entries.nth(1).textContent()).toContain('lasted 16m 48s');
    expect(
      on.server.asked.some(({ path, query }) => path === '/events' && query.get('subject') === 'facts.services.component.gateway-lisbon'),
    ).toBe(true);
  });

  it('fills its width with the hour, and resumes a suspended peer by a button', async () => {
    await on.open('?section=services&id=valkey');
    const bar = on.page.getByRole('dialog').getByRole('img');
    const [bars, ends] = [await bar.boundingBox(), await on.page.getByRole('dialog').locator('p', { hasText: '1 h ago' }).boundingBox()];
    expect(Math.round(bars!.width)).toBe(Math.round(ends!.width));
    await on.open('?section=federation&id=peer-c4d7a0f1e8b26693');
    const drawer = on.page.getByRole('dialog', { name: 'Porto' });
    expect(await drawer.getByRole('tabpanel').textContent()).toMatch(/Round trip–.*Their view of us–/);
    await drawer.getByRole('button', { name: 'Resume' }).click();
    await on.page.locator('[data-row=peer-c4d7a0f1e8b26693][data-status=pending]').waitFor();
  });

  it('shows how a peer is set up, and its events as they are', async () => {
    await on.open('?section=federation&id=peer-c4d7a0f1e8b26693&tab=config');
    const drawer = on.page.getByRole('dialog', { name: 'Porto' });
    expect(await drawer.textContent()).toContain('sha256:5d0f31c2a7e4');
    await drawer.getByRole('tab', { name: 'Raw events' }).click();
    await on.page.waitForURL('**tab=raw');
    await drawer.getByRole('button', { name: /federation\.peer\.suspended/ }).click();
    expect(JSON.parse((await drawer.getByRole('region', { name: 'JSON' }).textContent())!)).toMatchObject({
      position: 'f398',
      type: 'federation.peer.suspended',
    });
  });

  it('says so when its thing is not there, or goes', async () => {
    await on.open('?section=federation&id=peer-0000');
    await on.page.getByText('Nothing by this id is listed.').waitFor();
    await on.page.goto(`${on.server.origin}/infrastructure?section=federation&id=peer-3f2a91bc04de77a1`);
    await on.page.getByRole('dialog', { name: 'Lisbon' }).waitFor();
    await on.page.locator('[data-freshness=live]').waitFor();
    on.server.change('federation', 'peer-3f2a91bc04de77a1', null);
    await on.page.getByText('Removed. This is the last that was known.').waitFor();
  });
});

describePage('events', () => {
  const on = stage();

  it('stand newest first, and lead to more of the same', async () => {
    await on.open('?section=events');
    expect((await rowNames(on.page)).slice(0, 2)).toEqual(['services.component.status-changed', 'services.component.status-changed']);
    expect(await on.page.locator('[data-row=f410]').textContent()).toMatch(/healthy → down.*gateway-lisbon.*system:prober.*f410/);
    await on.page.locator('[data-row=f410]').click();
    const drawer = on.page.getByRole('dialog', { name: 'Event' });
    expect(JSON.parse((await drawer.getByRole('region', { name: 'JSON' }).textContent())!)).toMatchObject({ from: 'green', to: 'red' });
    await drawer.getByRole('link', { name: 'gateway-lisbon' }).click();
    await until('only those of lisbon stand there', async () => (await rowNames(on.page)).length === 3);
    await on.page.getByRole('button', { name: 'Remove the filter subject facts.services.component.gateway-lisbon' }).click();
    await until('all stand there', async () => (await rowNames(on.page)).length === 7);
  });

  it('come page by page', async () => {
    await on.open('?section=events');
    await on.page.getByRole('button', { name: 'Telemetry' }).click();
    await until('the first page is there', async () => (await rowNames(on.page)).length === 50);
    await on.page.getByRole('button', { name: 'Load older events' }).click();
    await until('the second page is there', async () => (await rowNames(on.page)).length === 60);
    expect(await on.page.getByRole('button', { name: 'Load older events' }).count()).toBe(0);
  });

  it('follow the rows that change', async () => {
    await on.open('?section=events');
    on.server.facts.unshift({ ...on.server.facts[0]!, position: 'f413', id: 'new' });
    on.server.change('services', 'nats', { latency_ms: 2 });
    await on.page.locator('[data-row=f413]').waitFor();
  });
});

describePage('on a telephone', () => {
  const on = stage({ viewport: { width: 380, height: 700 } });

  it.each([
    'federation',
    'edge',
    'services',
    'events',
    'services&id=valkey',
    'federation&view=rules',
    'federation&id=peer-c4d7a0f1e8b26693&tab=config',
    'federation&id=peer-77c01d5e9a2b4410&tab=calls',
    'federation&id=peer-77c01d5e9a2b4410&tab=calls&call=call-failed',
    'edge&id=agent-11d0c5e2a8b74f93',
    'events&id=f410',
    'edge&id=agent-11d0c5e2a8b74f93&tab=timeline',
  ])('nothing of %s stands out at the side', async (place) => {
    await on.open(`?section=${place}`);
    await until('the drawer is there, if any', async () => !place.includes('id=') || (await on.page.getByRole('dialog').count()) === 1);
    expect(await on.page.evaluate('document.documentElement.scrollWidth')).toBe(380);
    // The drawer slides in from the side: what stands out is what still does when it has arrived.
    const cut = (): Promise<string[]> =>
      on.page.evaluate(
        `[...document.querySelectorAll('main *, [role=dialog] *')].filter((one) => one.getBoundingClientRect().right > 381 && !one.closest('.sr-only, pre') && getComputedStyle(one).visibility !== 'hidden').map((one) => one.outerHTML.slice(0, 120))`,
      );
    await until('nothing stands out', async () => (await cut()).length === 0);
  });

  it('an event says whose it is, and a rule where it leads', async () => {
    await on.open('?section=events');
    expect(await on.page.locator('[data-row=f410]').getByText('gateway-lisbon', { exact: true }).isVisible()).toBe(true);
    await on.open('?section=federation&view=rules');
    const target = '[data-rule=rule-in-planner] [data-target]';
    expect(await on.page.locator(target).textContent()).toBe('http://127.0.0.1:9310/planner/');
    const { x, width } = (await on.page.locator(target).boundingBox())!;
    expect(x + width).toBeLessThanOrEqual(390);
    const one = `document.querySelector('${target}')`;
    expect(await on.page.evaluate(`[${one}.clientWidth > 0, ${one}.scrollWidth > ${one}.clientWidth]`)).toEqual([true, false]); // Not cut.
  });

  it('the drawer covers the list, and what is behind it is out of reach', async () => {
    await on.open('?section=services&id=valkey');
    const drawer = on.page.getByRole('dialog', { name: 'Valkey' });
    await drawer.waitFor();
    expect(Math.round((await drawer.boundingBox())!.width)).toBe(380);
    await until('the list is out of reach', async () => (await on.page.getByRole('searchbox').count()) === 0);
  });
});
