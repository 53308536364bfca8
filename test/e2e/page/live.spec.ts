import { describePage } from './browser.js';
import { rowNames, stage, until } from './stage.js';

const nats = {
  status: 'red',
  health: 'down',
  reason: 'connect_refused',
  sentence: '3 probes in a row failed.',
  since: '2026-11-23T10:00:00.000Z',
} as const;

describePage('what changes', () => {
  const on = stage();

  it('is shown as it happens: a row turns red, the status follows and is announced once', async () => {
    await on.open('?section=services&show=all');
    const row = on.page.locator('[data-row=nats]');
    expect(await row.getAttribute('data-health')).toBe('up');
    expect(await on.page.getByRole('status').textContent()).toBe('');
    on.server.change('services', 'nats', nats);
    await on.page.locator('[data-row=nats][data-status=red]').waitFor();
    expect(await row.textContent()).toContain('3 probes in a row failed.');
    expect((await rowNames(on.page)).slice(0, 2)).toContain('NATS JetStream');
    await until(
      'the verdict is said',
      async () => (await on.page.getByRole('status').textContent()) === '7 problems · 8/15 healthy · 1 pending, 1 enrolled, 1 suspended',
    );
    expect(await on.page.locator('[data-verdict]').textContent()).toBe('7 problems · 8/15 healthy · 1 pending, 1 enrolled, 1 suspended');
    expect(on.server.asked.filter(({ path }) => path === '/services').length).toBeLessThanOrEqual(2);
  });

  it('renders four times a second at most, however fast it comes, and ends with the last', async () => {
    await on.open('?section=services&show=all');
    await on.page.evaluate(`
      window.renders = [];
      new MutationObserver(() => window.renders.push(performance.now())).observe(document.querySelector('[data-row=api] .col-figure'), { characterData: true, childList: true, subtree: true });
    `);
    const begun = Date.now();
    for (let latency = 1; latency <= 120; latency += 1) {
      on.server.change('services', 'api', { latency_ms: latency });
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const seconds = (Date.now() - begun) / 1_000;
    await until('the last is shown', async () => (await on.page.locator('[data-row=api] .col-figure').textContent()) === '120 ms');
    const renders = await on.page.evaluate<number[]>('window.renders');
    expect(renders.length).toBeGreaterThan(2);
    expect(renders.length).toBeLessThanOrEqual(Math.ceil(seconds * 4) + 2); // The first at once, and the list, should it be answered late.
  });

  it('is not lost when it comes while its list is being asked for', async () => {
    await on.open('?section=services&show=all');
    let answer = (): void => {};
    const gate = new Promise<void>((resolve) => (answer = resolve));
    const asked = on.server.asked.length;
    // The answer is made before the change, and arrives after it.
    on.server.holdBack('GET /services', gate);
    await on.page.keyboard.press('r');
    await until('the list is asked for', () => on.server.asked.slice(asked).some(({ path }) => path === '/services'));
    on.server.change('services', 'nats', nats);
    await on.page.locator('[data-row=nats][data-status=red]').waitFor();
    const answered = on.page.waitForResponse((response) => response.url().endsWith('/services'));
    answer();
    await (await answered).finished();
    await on.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    expect(await on.page.locator('[data-row=nats]').getAttribute('data-status')).toBe('red');
  });

  it('is not missed when it comes before the stream is open, even while the first answer is under way', async () => {
    let answer = (): void => {};
    on.server.holdBack('GET /services', new Promise((resolve) => (answer = resolve)));
    const begin = on.server.hold('GET /stream');
    await on.page.goto(`${on.server.origin}/infrastructure?section=services&show=all`);
    await until('both are asked for', () => ['/services', '/stream'].every((path) => on.server.asked.some((one) => one.path === path)));
    on.server.components.find(({ component_id: id }) => id === 'nats')!.latency_ms = 4_321;
    begin();
    await on.page.locator('[data-freshness=live]').waitFor();
    answer();
    await on.page.locator('[data-row=nats] .col-figure').getByText('4.3 s').waitFor();
  });

  it('is asked for again when the server cannot tell what was missed', async () => {
    await on.open('?section=services&show=all');
    on.server.components.find(({ component_id: id }) => id === 'nats')!.latency_ms = 4_321;
    on.server.say('reset', {});
    await on.page.locator('[data-row=nats] .col-figure').getByText('4.3 s').waitFor();
  });

  it('is resumed from where a broken stream ended', async () => {
    await on.open('?section=services');
    on.server.change('services', 'api', { latency_ms: 9 });
    await until('it was heard', async () => (await on.page.locator('[data-verdict]').count()) === 1 && on.server.listeners === 1);
    await on.page.getByRole('button', { name: /^5 healthy/ }).click();
    await on.page.locator('[data-row=api] .col-figure').getByText('9 ms').waitFor();
    on.server.cutStreams();
    await until('the page is back', () => on.server.listeners === 1);
    const [first, last] = [on.server.asked, on.server.asked.toReversed()].map((asked) => asked.find(({ path }) => path === '/stream'));
    expect(first?.headers['last-event-id']).toBeUndefined();
    expect(last?.headers['last-event-id']).toBe('f413');
  });
});

describePage('when nothing is heard', () => {
  const on = stage();

  it('goes stale after 10 s: no colour, counters stand; and comes back by itself', async () => {
    await on.page.clock.install();
    await on.open('?section=services');
    const since = on.page.locator('[data-row=valkey] .col-since');
    on.server.gone = true;
    on.server.cutStreams();
    await on.page.clock.runFor(4_000);
    expect(await on.page.locator('[data-freshness]').getAttribute('data-freshness')).not.toBe('stale');
    await on.page.clock.runFor(7_000);
    await on.page.locator('[data-freshness=stale]').waitFor();
    expect(await on.page.locator('[data-freshness]').textContent()).toMatch(/^Stale · last word 1\ds ago$/);
    expect(await on.page.evaluate(`getComputedStyle(document.querySelector('[role=table]')).filter`)).toBe('grayscale(1)');
    const stood = await since.textContent();
    await on.page.clock.runFor(120_000);
    expect(await since.textContent()).toBe(stood);
    expect(await rowNames(on.page)).toEqual(['lisbon', 'Valkey', 'Gateways']);

    on.server.gone = false;
    await on.page.clock.runFor(31_000);
    await on.page.locator('[data-freshness=live]').waitFor();
    expect(await on.page.evaluate(`getComputedStyle(document.querySelector('[role=table]')).filter`)).toBe('none');
    await until('the counters run again', async () => (await since.textContent()) !== stood);
  });

  it('polls every 4 s while only the stream fails', async () => {
    await on.page.clock.install();
    await on.open('?section=services&show=all');
    on.server.streamless = true;
    on.server.cutStreams();
    await on.page.locator('[data-freshness=polling]').waitFor();
    const asked = (): number => on.server.asked.filter(({ path }) => path === '/services').length;
    await on.page.clock.runFor(1_000);
    const before = asked();
    on.server.components.find(({ component_id: id }) => id === 'nats')!.latency_ms = 4_321;
    await on.page.clock.runFor(4_000);
    await on.page.locator('[data-row=nats] .col-figure').getByText('4.3 s').waitFor();
    for (let round = 0; round < 3; round += 1) {
      const answered = on.page.waitForResponse((response) => response.url().endsWith('/services'));
      await on.page.clock.runFor(4_000);
      await until('it polled', () => asked() >= before + 2 + round);
      await (await answered).finished(); // No time passes while it is under way: that would be silence.
    }
    await until('it says so', async () => (await on.page.locator('[data-freshness]').textContent()) === 'Polling every 4 s');
  });

  it('takes a stream that says nothing for dead, and opens another', async () => {
    await on.page.clock.install();
    await on.open('?section=services');
    const streams = (): number => on.server.asked.filter(({ path }) => path === '/stream').length;
    expect(streams()).toBe(1);
    on.server.isSilent = true;
    for (let round = 0; round < 4; round += 1) await on.page.clock.runFor(3_000);
    await until('another was opened', () => streams() > 1);
    await on.page.locator('[data-freshness=live]').waitFor();
  });

  it('believes comments: they are words too', async () => {
    await on.page.clock.install();
    await on.open('?section=services');
    for (let second = 0; second < 4; second += 1) {
      await on.page.clock.runFor(4_000);
      on.server.comment();
      // What it says must have arrived before time goes on.
      await on.page.evaluate('fetch("/api/v1/infrastructure/session").then(() => undefined)');
    }
    expect(await on.page.locator('[data-freshness]').getAttribute('data-freshness')).toBe('live');
    expect(on.server.asked.filter(({ path }) => path === '/stream')).toHaveLength(1);
  });

  it("counts by the server's clock, not by its own", async () => {
    await on.page.clock.install({ time: Date.now() + 3_600_000 });
    await on.open('?section=services');
    expect(await on.page.locator('[data-row=gateway-lisbon] .col-since').textContent()).toBe('4m');
  });
});
