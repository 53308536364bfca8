import type { Locator } from 'playwright-core';
import { describePage } from './browser.js';
import { JOIN_TOKEN, JOIN_TOKEN_ID } from './contract.js';
import { before } from './fixtures.js';
import { rowNames, stage, until } from './stage.js';

const BERLIN = 'agent-b3a1f0c47d92e586';
const LISBON = 'agent-11d0c5e2a8b74f93';
const OSLO = 'agent-4c9e83d1b6a05f27';

describePage('edge agents', () => {
  const on = stage();
  const cells = (id: string): Promise<string[]> => on.page.locator(`[data-row=${id}]`).getByRole('cell').allTextContents();
  const drawer = (name: string): Locator => on.page.getByRole('dialog', { name });

  it('stand problems first, each with its tunnel, uptime, last sync and cost', async () => {
    await on.open('?section=edge&show=all');
    expect(await rowNames(on.page)).toEqual(['berlin-3', 'porto-2', 'ci-runner-7', 'lisbon-1', 'oslo-lab']);
    expect(await cells(LISBON)).toEqual([
      'Connected',
      'lisbon-1lisbon-1.rack.example',
      '1d',
      '14 ms',
      '3d',
      expect.stringMatching(/^\d\ds ago$/),
      '$11.06',
      '',
    ]);
    expect((await cells(OSLO))[6]).toBe('–');
    expect(await on.page.getByRole('main').textContent()).toContain('Today $13.24 · 3.8M tokens');
  });

  it('that are gone are red with what was last known, and how old that is', async () => {
    await on.open('?section=edge');
    const row = on.page.locator(`[data-row=${BERLIN}]`);
    expect(await row.getAttribute('data-health')).toBe('down');
    expect((await cells(BERLIN)).slice(2, 7)).toEqual(['4m', '–', '–', '5m ago', '$2.18']);
    // Three hours had it run when it was last heard; the five minutes since then are not its uptime.
    expect((await cells(BERLIN)).at(-1)).toBe(
      'No frame for 50 s and the grace of 15 s is over. Last known 5m ago: up 3h, round trip 31 ms.',
    );
  });

  it('die before the eyes of who looks, and come back', async () => {
    await on.open('?section=edge&show=all');
    const row = on.page.locator(`[data-row=${LISBON}]`);
    expect(await row.getAttribute('data-health')).toBe('up');
    on.server.change('edge', LISBON, {
      status: 'disconnected',
      health: 'down',
      reason: 'heartbeat_timeout',
      sentence: 'No frame for 50 s.',
      since: before(0),
      last_heartbeat_at: before(65_000),
    });
    await on.page.locator(`[data-row=${LISBON}][data-status=disconnected]`).waitFor();
    expect((await cells(LISBON)).at(-1)).toBe('No frame for 50 s. Last known 1m ago: up 3d, round trip 14 ms.');
    await until(
      'the verdict follows',
      async () =>
        (await on.page.locator('[data-verdict]').textContent()) === '7 problems · 8/15 healthy · 1 pending, 1 enrolled, 1 suspended',
    );
    await until('it stands on top', async () => (await rowNames(on.page))[0] === 'lisbon-1');
    on.server.change('edge', LISBON, { status: 'connected', health: 'up', reason: null, last_heartbeat_at: before(0) });
    await on.page.locator(`[data-row=${LISBON}][data-status=connected]`).waitFor();
    expect(on.server.asked.filter(({ path }) => path === '/edge-agents').length).toBeLessThanOrEqual(2);
  });

  it('are asked for on the stream, and again by the clock while it is interrupted', async () => {
    await on.page.clock.install();
    await on.open('?section=edge&show=all');
    expect(on.server.asked.find(({ path }) => path === '/stream')!.query.get('sections')).toBe('federation,edge,services');
    on.server.streamless = true;
    on.server.cutStreams();
    await on.page.locator('[data-freshness=polling]').waitFor();
    on.server.agents.find(({ agent_id: id }) => id === LISBON)!.rtt_ms = 777;
    await on.page.clock.runFor(4_500);
    await on.page.locator(`[data-row=${LISBON}] .col-figure`).getByText('777 ms').waitFor();
  });

  it('are what a problem elsewhere on the page leads to', async () => {
    await on.open('?section=services');
    await on.page
      .getByRole('list', { name: 'Problems in other sections' })
      .getByRole('link', { name: /berlin-3/ })
      .click();
    await on.page.waitForURL(`**section=edge&id=${BERLIN}`);
    await drawer('berlin-3').waitFor();
  });

  it('are found by their host, their gateways and a word of the product', async () => {
    await on.open('?section=edge');
    await on.page.getByRole('searchbox').fill('research');
    await until('one is left', async () => (await rowNames(on.page)).join() === 'lisbon-1');
    await on.page.getByRole('searchbox').fill(BERLIN);
    await until('one is left', async () => (await rowNames(on.page)).join() === 'berlin-3');
    expect(await on.page.locator(`[data-row=${BERLIN}] mark`).textContent()).toBe(`id ${BERLIN}`);
    await on.page.goto(`${on.server.origin}/infrastructure?section=edge&status=enrolled`);
    await until('one is left', async () => (await rowNames(on.page)).join() === 'ci-runner-7');
  });

  it('leave the list when they are archived, and are found by the filter that shows those', async () => {
    await on.open('?section=edge&show=all');
    await on.page.getByRole('button', { name: 'Actions for berlin-3' }).click();
    await on.page.getByRole('menuitem', { name: 'Archive', exact: true }).click();
    await on.page.locator(`[data-row=${BERLIN}]`).waitFor({ state: 'detached' });
    expect(on.server.asked.some(({ path }) => path === `/edge-agents/${BERLIN}/archive`)).toBe(true);
    await until('it is counted no more', async () => (await on.page.getByRole('button', { name: /^All/ }).textContent()) === 'All 4');
    await on.page.getByRole('button', { name: 'Archived', exact: true }).click();
    await until('it is listed there, alone', async () => (await rowNames(on.page)).join() === 'berlin-3');
    expect(on.page.url()).toContain('status=archived');
    expect((await cells(BERLIN))[1]).toContain('archived');
    await on.page.getByRole('button', { name: 'Actions for berlin-3' }).click();
    await on.page.getByRole('menuitem', { name: 'Unarchive', exact: true }).click();
    await on.page.getByText('No edge agent is archived.').waitFor();
    await on.page.getByRole('link', { name: 'Show the others' }).click();
    await on.page.locator(`[data-row=${BERLIN}]`).waitFor();
  });

  it('are shown when they are archived and somebody has their link, or has them open', async () => {
    on.server.agents.find(({ agent_id: id }) => id === OSLO)!.archived_at = before(60_000);
    await on.open(`?section=edge&id=${OSLO}`);
    await drawer('oslo-lab').getByText('archived 1m ago').waitFor();
    expect(await rowNames(on.page)).not.toContain('oslo-lab');
    await on.open(`?section=edge&id=${LISBON}&show=all`);
    on.server.change('edge', LISBON, { archived_at: before(0) });
    await drawer('lisbon-1').getByText('archived now').waitFor();
    expect(await drawer('lisbon-1').textContent()).not.toContain('Removed');
  });

  it('tell in the drawer how busy their host is', async () => {
    await on.open(`?section=edge&id=${LISBON}`);
    const host = drawer('lisbon-1').getByRole('region', { name: 'Host' });
    expect(await host.textContent()).toMatch(/^Hostlisbon-1\.rack\.exampleCPU12 %Memory40 %Disk61 %In use \d\ds ago\.$/);
  });

  it('tell of a gateway that does not answer of when its version and uptime are', async () => {
    const gone = {
      state: 'unreachable',
      health: 'down',
      reason: 'connect_refused',
      sentence: 'Nothing listens.',
      latency_ms: null,
    } as const;
    const agent = on.server.agents.find(({ agent_id: id }) => id === LISBON)!;
    agent.gateways = [{ ...agent.gateways[0]!, ...gone, known_at: before(300_000) }];
    await on.open(`?section=edge&id=${LISBON}`);
    expect(await drawer('lisbon-1').locator('[data-gateway=main]').textContent()).toBe(
      'mainUnreachableNothing listens.Version and uptime are of 5m ago, before it stopped answering.Version2026.9.6Latency–Uptime2dSessions14Capabilityread',
    );
  });

  it('that are gone show their gateways grey, with the age of what is known', async () => {
    await on.open(`?section=edge&id=${BERLIN}`);
    const main = drawer('berlin-3').locator('[data-gateway=main]');
    expect(await main.textContent()).toContain('Last known 5m ago.');
    expect(await main.locator('.text-up').count()).toBe(0);
    expect(await main.locator('svg.text-unknown').count()).toBe(1);
    await on.open(`?section=edge&id=${LISBON}`);
    expect(await drawer('lisbon-1').locator('[data-gateway=main] .text-up').count()).toBeGreaterThan(0);
  });

  it('are named with their gateways in the roll-up of Service Health', async () => {
    const rollUp = on.server.components.find(({ component_id: id }) => id === 'gateways')!;
    rollUp.agent_gateways_total = 2;
    rollUp.agent_gateways = [
      { name: 'berlin-3/main', agent_id: BERLIN, state: 'ready', health: 'unknown' },
      { name: 'lisbon-1/main', agent_id: LISBON, state: 'ready', health: 'up' },
    ];
    await on.open('?section=services&id=gateways');
    const seen = drawer('Gateways').getByRole('region', { name: 'Seen by edge agents' });
    expect(await seen.getByRole('listitem').allTextContents()).toEqual(['berlin-3/mainReady', 'lisbon-1/mainReady']);
    await seen.getByRole('link', { name: 'lisbon-1/main' }).click();
    await drawer('lisbon-1').waitFor();
  });

  it('tell in the drawer how tunnel, gateways and cost are', async () => {
    await on.open(`?section=edge&id=${LISBON}`);
    const now = drawer('lisbon-1');
    await now.waitFor();
    expect(await now.getByRole('region', { name: 'Tunnel' }).textContent()).toMatch(/Round trip14 ms.*Connected for1d 7h.*Uptime3d 2h/);
    const [main, research] = [now.locator('[data-gateway=main]'), now.locator('[data-gateway=research]')];
    expect(await main.textContent()).toBe('mainReadyVersion2026.9.6Latency6 msUptime2dSessions14Capabilityread');
    expect(await research.locator('span.text-degraded').first().textContent()).toBe('Ready');
    expect(await research.textContent()).toContain('The gateway is ready; channel telegram is not connected.');
    expect(await research.getByRole('listitem').allTextContents()).toEqual([
      'a2aconnected',
      'telegramnot connected, for 12m: timeout',
      'webhookready',
    ]);
    expect(await research.textContent()).toContain('Run the agent on the machine of the gateway to read its cost.');
    const cost = now.getByRole('region', { name: 'Cost' });
    expect(await cost.textContent()).toContain('Cost today$11.06 · 3.2M tokens');
    expect(await cost.getByRole('list', { name: 'By agent' }).getByRole('listitem').allTextContents()).toEqual([
      'clerk at main$8.06 · 2.2M',
      'clerk at research$3.00 · 1M',
    ]);
    expect(await cost.getByRole('list', { name: 'By model' }).getByRole('listitem').allTextContents()).toEqual([
      'claude-opus-4.5$8.90 · 1.1M',
      'claude-sonnet-4.5$2.16 · 2.1M',
      'claude-haiku-4.5<$0.01 · 2,100',
    ]);
  });

  it('say what of a dead one is only remembered, and of its cost what is missing', async () => {
    await on.open(`?section=edge&id=${BERLIN}`);
    const text = (await drawer('berlin-3').getByRole('tabpanel').textContent())!;
    for (const word of [
      'heartbeat_timeout',
      'What follows was last known 5m ago.',
      '3h when last heard',
      '3 entries have no price',
      'still counting',
    ])
      expect(text).toContain(word);
    expect(text).not.toContain('Connected for');
  });

  it('are pinged through their tunnel', async () => {
    await on.open(`?section=edge&id=${LISBON}`);
    await drawer('lisbon-1').getByRole('button', { name: 'Ping' }).click();
    expect(await drawer('lisbon-1').locator('[data-answer=ok]').textContent()).toBe('It answered through its tunnel. 14 ms');
    await on.page.keyboard.press('Escape');
    await on.page.getByRole('button', { name: 'Actions for berlin-3' }).click();
    await on.page.getByRole('menuitem', { name: 'Ping' }).click();
    await until(
      'it is said',
      async () => (await on.page.getByRole('status').textContent()) === 'berlin-3: It has no tunnel to this instance now.',
    );
  });

  it('are revoked by an admin, by their name only', async () => {
    await on.open(`?section=edge&id=${OSLO}&tab=config`);
    expect(await drawer('oslo-lab').textContent()).toContain('sha256:91be07d4c3f2');
    await drawer('oslo-lab').getByRole('button', { name: 'Revoke…' }).click();
    const asks = on.page.getByRole('alertdialog', { name: 'Revoke oslo-lab' });
    const revoke = asks.getByRole('button', { name: 'Revoke agent' });
    await asks.getByLabel('Why').fill('sold');
    await asks.getByLabel('Type oslo-lab to confirm').fill('oslo');
    expect(await revoke.isDisabled()).toBe(true);
    await on.page.keyboard.press('Enter');
    await asks.getByLabel('Type oslo-lab to confirm').fill('oslo-lab');
    await revoke.click();
    await on.page.locator(`[data-row=${OSLO}][data-status=revoked]`).waitFor();
    await until('nothing is expected of it', async () => String((await cells(OSLO)).slice(3, 5)) === '–,–');
    const entry = on.page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: /Edge Agents/ });
    await until('it is counted no more', async () => (await entry.textContent())!.includes('4 in all'));
    const [asked] = on.server.asked.filter(({ path }) => path.endsWith('/revoke'));
    expect([asked!.path, asked!.body]).toEqual([`/edge-agents/${OSLO}/revoke`, { note: 'sold' }]);
    expect(asked!.headers['idempotency-key']).toBeDefined();
    await drawer('oslo-lab').getByRole('button', { name: 'Revoke…' }).waitFor({ state: 'detached' });
    await on.page.getByRole('button', { name: 'Actions for oslo-lab' }).click();
    await on.page.getByRole('menu').waitFor();
    expect(await on.page.getByRole('menuitem').allTextContents()).toEqual(['Open', 'Show its events', 'Copy link', 'Archive']);
  });

  it('are pinged but not revoked by an operator, and only looked at by a viewer', async () => {
    const items = async (): Promise<string[]> => {
      await on.open('?section=edge');
      await on.page.getByRole('button', { name: 'Actions for berlin-3' }).click();
      await on.page.getByRole('menu').waitFor();
      return on.page.getByRole('menuitem').allTextContents();
    };
    on.server.role = 'operator';
    expect(await items()).toEqual(['Open', 'Show its events', 'Copy link', 'Ping', 'Archive']);
    on.server.role = 'viewer';
    expect(await items()).toEqual(['Open', 'Show its events', 'Copy link']);
    expect(await on.page.getByRole('button', { name: 'Enrol agent' }).count()).toBe(0);
  });

  it('show their events as they are, of every kind', async () => {
    await on.open(`?section=edge&id=${LISBON}&tab=raw`);
    for (const name of ['Tunnel', 'Gateways', 'Cost', 'Heartbeats']) await drawer('lisbon-1').getByRole('button', { name }).click();
    const subjects = (): (string | null)[] =>
      on.server.asked.filter(({ path }) => path === '/events').map(({ query }) => `${query.get('stream')} ${query.get('subject')}`);
    await until('all were asked for', () => subjects().includes(`telemetry telemetry.edge.heartbeat.${LISBON}`));
    expect(subjects()).toEqual(expect.arrayContaining([`facts facts.edge.agent.${LISBON}`, `facts facts.edge.tunnel.${LISBON}`]));
  });
});

describePage('an agent that is being enrolled', () => {
  const on = stage();
  const shown = (): Locator => on.page.getByRole('alertdialog', { name: "Run this on the gateway's host" });
  const stageOf = (name: string): Locator => shown().locator(`[data-enrolment=${name}]`);
  const begin = async (): Promise<void> => {
    await on.open('?section=edge');
    await on.page.getByRole('button', { name: 'Enrol agent' }).click();
  };
  const show = (): Promise<void> => on.page.getByRole('dialog').getByRole('button', { name: 'Show the line' }).click();

  it('is waited for, and the dialog turns green by itself when it connects', async () => {
    await on.page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: on.server.origin });
    await begin();
    await on.page.getByLabel('Label').fill('tallinn-1');
    await on.page.getByLabel('Gateway address').fill('http://127.0.0.1:18789');
    await on.page.getByLabel('Gateway token file').fill('~/.openclaw/token');
    await on.page.getByLabel('Hostname pattern').fill('tallinn-*');
    await on.page.getByLabel('Ephemeral').check();
    await show();
    await stageOf('waiting').getByText('Waiting for first connection…').waitFor();
    const [asked] = on.server.asked.filter(({ path }) => path === '/edge-agents/enroll');
    expect(asked!.body).toEqual({
      label: 'tallinn-1',
      gateway: 'http://127.0.0.1:18789',
      gateway_token_file: '~/.openclaw/token',
      hostname_pattern: 'tallinn-*',
      ephemeral: true,
    });
    expect(await shown().locator('[data-secret]').textContent()).toBe(
      `printf %s '${JOIN_TOKEN}' | npm run -s edge-agent -- join --server http://127.0.0.1:4601 --gateway http://127.0.0.1:18789 --gateway-token-file ~/.openclaw/token`,
    );
    await shown().getByRole('button', { name: 'Copy' }).click();
    await until('it is copied', async () => (await on.page.evaluate<string>('navigator.clipboard.readText()')).includes(JOIN_TOKEN));

    const another = { agent_id: 'agent-other', label: 'other', join_token_id: 'join-of-somebody-else' };
    on.server.join(another);
    const own = { agent_id: 'agent-new', label: 'tallinn-1', join_token_id: JOIN_TOKEN_ID };
    on.server.join({ ...own, status: 'enrolled', health: 'unknown', lifecycle: 'enrolled', connected_at: null });
    await stageOf('joined').getByText('tallinn-1 has joined').waitFor();
    on.server.change('edge', own.agent_id, { status: 'connected', health: 'up', lifecycle: 'active', connected_at: before(0) });
    await stageOf('connected').getByText('tallinn-1 is connected').waitFor();
    await until('it is said', async () => (await on.page.getByRole('status').textContent()) === 'tallinn-1 is connected');
    await shown().getByRole('button', { name: 'Open agent' }).click();
    await on.page.getByRole('dialog', { name: 'tallinn-1' }).waitFor();
    expect(await on.page.content()).not.toContain(JOIN_TOKEN);
  });

  it('needs nothing filled in', async () => {
    await begin();
    await show();
    await stageOf('waiting').waitFor();
    expect(on.server.asked.find(({ path }) => path === '/edge-agents/enroll')!.body).toEqual({ ephemeral: false });
  });

  it('is not lost by accident: the line is shown once, and kept nowhere', async () => {
    await begin();
    await show();
    await stageOf('waiting').waitFor();
    await on.page.keyboard.press('Escape');
    await shown().getByText('Copy the line first').waitFor();
    await shown().getByRole('button', { name: 'Close', exact: true }).last().click();
    await shown().waitFor({ state: 'detached' });
    expect(await on.page.content()).not.toContain(JOIN_TOKEN);
    expect(await on.page.evaluate('JSON.stringify([localStorage, sessionStorage, history.state])')).not.toContain(JOIN_TOKEN);
  });

  it('whose line nobody used in time gets another', async () => {
    on.server.joinLineMs = 2_500;
    await begin();
    await show();
    await stageOf('waiting').waitFor();
    await stageOf('expired').waitFor();
    await shown().getByRole('button', { name: 'Make another' }).click();
    await on.page.getByRole('dialog', { name: 'Enrol agent' }).waitFor();
  });

  it('is refused at the field that is wrong', async () => {
    await begin();
    const field = on.page.getByLabel('Hostname pattern');
    await field.fill('two words');
    await show();
    await until('it is marked', async () => (await field.getAttribute('aria-invalid')) === 'true');
  });
});
