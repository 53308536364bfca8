import type { Locator } from 'playwright-core';
import { describePage, violationsOn } from './browser.js';
import { HASH, unusable } from './fixtures-log.js';
import { type Stage, rowNames, stage, until } from './stage.js';

const MODELS = '?section=services&id=projections&tab=models';
const OSLO = 'peer-77c01d5e9a2b4410';

const FOCUS_IN_MODEL = `document.activeElement === document.querySelector('[data-model=peer_directory] > button')`;

const model = (on: Stage, name: string): Locator => on.page.locator(`[data-model=${name}]`);
const asked = (on: Stage, path: string): unknown[] => on.server.asked.filter((one) => one.path === path).map(({ body }) => body);
const told = async (on: Stage, words: string): Promise<void> =>
  until(`the page says ${words}`, async () => (await on.page.getByRole('status').textContent()) === words);

describePage('the read models', () => {
  const on = stage();
  beforeEach(() => {
    on.server.facts.unshift(...unusable());
    on.server.log.raw.set('f414', { headers: 'ce-type: federation.peer.labelled', body: '{"label": \u0000' });
  });

  it('shows state, lag and parked rows of each, and opens those in trouble', async () => {
    await on.open(MODELS);
    await model(on, 'peer_directory').waitFor();
    const briefs = await on.page.locator('[data-model] > button').allTextContents();
    expect(briefs).toEqual([
      'peer_directory3 parked',
      'route_directoryneeds release >= 0.3.0',
      'call_loghalted',
      'agent_directoryup to date',
      'component_minuteup to date',
    ]);
    expect(await on.page.evaluate(`[...document.querySelectorAll('[data-model] > button')].map((one) => one.ariaExpanded).join()`)).toBe(
      'true,true,true,false,false',
    );
    expect(await model(on, 'route_directory').textContent()).toMatch(
      /Upgrade to release 0\.3\.0 or newer.*24 events, the oldest of 4m ago/,
    );
    expect(await model(on, 'call_log').textContent()).toContain('Nothing is lost. Upgrade to a corrected release, then retry.');
  });

  it('belongs to the component projections only', async () => {
    await on.open('?section=services&id=valkey&tab=models');
    const drawer = on.page.getByRole('dialog', { name: 'Valkey' });
    expect(await drawer.getByRole('tab').allTextContents()).toEqual(['Now', 'Timeline', 'Config', 'Raw events']);
  });

  it('retries one parked row, and says when its cause is still there', async () => {
    on.server.log.mended.add(OSLO);
    await on.open(MODELS);
    await on.page
      .locator(`[data-parked=${OSLO}]`)
      .getByRole('button', { name: `Retry row ${OSLO}` })
      .click();
    await told(on, 'peer_directory: 1 row up to date again');
    await on.page.locator(`[data-parked=${OSLO}]`).waitFor({ state: 'detached' });
    expect(asked(on, '/projections/peer_directory/retry')).toEqual([{ unit: 'row', value: OSLO }]);
    await until('the focus stays in the read model', () => on.page.evaluate(FOCUS_IN_MODEL));
    await model(on, 'peer_directory').getByRole('button', { name: 'Retry all' }).click();
    await told(on, 'peer_directory: 2 rows still parked, the cause is still there');
    expect(asked(on, '/projections/peer_directory/retry')[1]).toEqual({});
    expect(await on.page.locator('[data-parked]').count()).toBe(2);
  });

  it('says in place why a retry was refused', async () => {
    on.server.broken.set('POST /projections/call_log/retry', {
      status: 503,
      code: 'log.projector-not-running',
      detail: 'No projector keeps call_log just now.',
      next: 'Look at Service Health.',
    });
    await on.open(MODELS);
    await model(on, 'call_log').getByRole('button', { name: 'Retry all' }).click();
    await model(on, 'call_log').getByRole('alert').getByText('log.projector-not-running').waitFor();
  });

  it('rebuilds one beside its rows in use, and shows progress and outcome', async () => {
    await on.open(MODELS);
    await model(on, 'agent_directory').getByRole('button', { name: 'agent_directory' }).click();
    await model(on, 'agent_directory').getByRole('button', { name: 'Rebuild…' }).click();
    await on.page
      .getByRole('alertdialog', { name: 'Rebuild agent_directory' })
      .getByRole('button', { name: 'Rebuild', exact: true })
      .click();
    await model(on, 'agent_directory').getByText('f12 of f412').waitFor();
    expect(await model(on, 'agent_directory').getByRole('button', { name: 'Rebuilding…' }).isDisabled()).toBe(true);
    on.server.log.finishRebuild('agent_directory');
    await model(on, 'agent_directory').getByText('5 rows, 1 of them other than before').waitFor();
    await model(on, 'component_minute').getByRole('button', { name: 'component_minute' }).click();
    await model(on, 'component_minute').getByText('Cannot be rebuilt').waitFor();
    expect(await model(on, 'component_minute').getByRole('button', { name: 'Rebuild…' }).count()).toBe(0);
  });

  it('voids an event after its raw text was shown and its hash was typed, with a reason', async () => {
    await on.open(MODELS);
    await on.page.locator(`[data-parked=${OSLO}]`).getByRole('button', { name: 'Void event f414' }).click();
    const dialog = on.page.getByRole('alertdialog', { name: 'Void event f414' });
    expect(await dialog.getByRole('region', { name: 'Headers' }).textContent()).toBe('ce-type: federation.peer.labelled');
    expect(await dialog.getByRole('region', { name: 'Body' }).textContent()).toBe('{"label": <U+0000>');
    const send = dialog.getByRole('button', { name: 'Void event' });
    await dialog.getByLabel('Why').fill('sent by hand');
    await dialog.getByLabel('Type the first 8 characters').fill('9f86d082');
    expect(await send.isDisabled()).toBe(true);
    await dialog.getByLabel('Type the first 8 characters').fill(HASH.slice(0, 8));
    await dialog.getByLabel('Why').fill('');
    expect(await send.isDisabled()).toBe(true);
    await dialog.getByLabel('Why').fill('sent by hand');
    await send.click();
    await told(on, 'Event f414 voided');
    await on.page.locator(`[data-parked=${OSLO}]`).waitFor({ state: 'detached' });
    expect(asked(on, '/projections/void')).toEqual([{ position: 'f414', hash: HASH, reason: 'sent by hand' }]);
    await until('the focus stays in the read model', () => on.page.evaluate(FOCUS_IN_MODEL));
  });

  it('offers a void only for what no release can read, and acts only for those who may', async () => {
    await on.open(MODELS);
    const second = on.page.locator('[data-parked=peer-c4d7a0f1e8b26693]');
    await second.waitFor();
    expect(await second.getByRole('button').allTextContents()).toEqual(['Retry']);
    on.server.role = 'operator';
    await on.open(MODELS);
    await on.page.locator(`[data-parked=${OSLO}]`).waitFor();
    expect(
      await model(on, 'peer_directory')
        .getByRole('button', { name: /Void|Rebuild/ })
        .count(),
    ).toBe(0);
    expect(await model(on, 'peer_directory').getByRole('button', { name: /Retry/ }).count()).toBe(4);
    on.server.role = 'viewer';
    await on.open(MODELS);
    await on.page.locator(`[data-parked=${OSLO}]`).waitFor();
    expect(await model(on, 'peer_directory').getByRole('button').count()).toBe(1);
  });

  it('leads to the event as it is stored', async () => {
    await on.open(MODELS);
    await on.page.locator(`[data-parked=${OSLO}]`).getByRole('link', { name: 'See event f414' }).click();
    const drawer = on.page.getByRole('dialog', { name: 'Event' });
    await drawer.locator('[data-unused="decode.malformed-json"]').waitFor();
    expect(new URL(on.page.url()).searchParams.get('id')).toBe('f414');
  });
});

describePage('events that no read model uses', () => {
  const on = stage();
  beforeEach(() => on.server.facts.unshift(...unusable()));

  it('are listed by their code, without a time where they say none', async () => {
    await on.open('?section=events');
    expect((await rowNames(on.page)).slice(0, 5)).toEqual([
      'decode.missing-headers',
      'decode.malformed-json',
      'event.unknown',
      'federation.peer.registered',
      'voided',
    ]);
    expect(await on.page.locator('[data-row=f415]').textContent()).toMatch(/^–.*It has no ce-type/);
    await on.page.getByRole('searchbox').fill('malformed');
    await until('only that one is listed', async () => (await rowNames(on.page)).length === 1);
  });

  it.each([
    ['f415', 'decode.missing-headers', 'until an admin voids it', true],
    ['f414', 'decode.malformed-json', 'until an admin voids it', true],
    ['f389', 'event.unknown', 'wait for the upgrade', false],
    ['f387', 'voided', 'stays in the log', false],
  ])('are shown whole: %s', async (position, mark, words, voidable) => {
    on.server.log.raw.set(position, { headers: '', body: 'not \u0000 JSON' });
    await on.open(`?section=events&id=${position}`);
    const drawer = on.page.getByRole('dialog', { name: 'Event' });
    await drawer.locator(`[data-unused="${mark}"]`).getByText(words).waitFor();
    expect(await drawer.getByRole('region', { name: 'Body' }).textContent()).toBe('not <U+0000> JSON');
    expect(await drawer.getByRole('region', { name: 'Headers' }).textContent()).toBe('none');
    expect(await drawer.getByRole('button', { name: 'Void…' }).count()).toBe(voidable ? 1 : 0);
  });

  it('are no trouble when they are only too large for a list', async () => {
    on.server.log.raw.set('f388', { headers: 'ce-type: x', body: '{"peer' });
    await on.open('?section=events&id=f388');
    const drawer = on.page.getByRole('dialog', { name: 'Event' });
    await drawer.getByText('900000 bytes, shown: the first 6 characters').waitFor();
    expect(await drawer.locator('[data-unused]').count()).toBe(0);
  });

  it('stand in the timeline and the raw events of their row, and end no state there', async () => {
    await on.open(`?section=federation&id=${OSLO}&tab=timeline`);
    const drawer = on.page.getByRole('dialog', { name: 'Oslo archive' });
    await drawer.getByText('Its body is not JSON.').waitFor();
    expect(await drawer.getByRole('listitem').count()).toBe(3);
    await drawer.getByRole('tab', { name: 'Raw events' }).click();
    await drawer.getByRole('button', { name: 'decode.malformed-json' }).click();
    await drawer.getByRole('link', { name: 'See it as it is stored' }).click();
    await on.page.locator('[data-unused="decode.malformed-json"]').waitFor();
  });

  it('say that they are gone when the log keeps them no more', async () => {
    await on.open('?section=events&id=f9');
    await on.page.getByRole('dialog', { name: 'Event' }).getByRole('alert').getByText('events.unknown').waitFor();
  });
});

for (const colorScheme of ['light', 'dark'] as const) {
  describePage(`axe finds nothing in the read models in the ${colorScheme} theme`, () => {
    const on = stage({ colorScheme });
    beforeEach(() => on.server.facts.unshift(...unusable()));

    it('in the list, its dialogs, and the events', async () => {
      await on.open(MODELS);
      await on.page.locator('[data-parked]').first().waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
      for (const name of ['Void event f414', 'Rebuild…']) {
        await model(on, 'peer_directory').getByRole('button', { name }).click();
        await on.page.getByRole('alertdialog').getByRole('button', { name: 'Cancel' }).waitFor();
        expect(await violationsOn(on.page)).toEqual([]);
        await on.page.keyboard.press('Escape');
        await on.page.getByRole('alertdialog').waitFor({ state: 'detached' });
      }
      await on.open('?section=events&id=f415');
      await on.page.locator('[data-unused]').waitFor();
      expect(await violationsOn(on.page)).toEqual([]);
    });
  });
}

describePage('the read models on a telephone', () => {
  const on = stage({ viewport: { width: 380, height: 700 } });

  it('stay within its width', async () => {
    on.server.facts.unshift(...unusable());
    for (const place of [MODELS, '?section=events', '?section=events&id=f415']) {
      await on.open(place);
      if (place === MODELS) await on.page.locator('[data-parked]').first().waitFor();
      if (place.includes('id=f415')) await on.page.locator('[data-unused]').waitFor();
      const cut = (): Promise<string[]> =>
        on.page.evaluate(
          `[...document.querySelectorAll('main *, [role=dialog] *')].filter((one) => one.getBoundingClientRect().right > 381 && !one.closest('.sr-only, pre') && getComputedStyle(one).visibility !== 'hidden').map((one) => one.outerHTML.slice(0, 120))`,
        );
      await until(`nothing of ${place} stands out`, async () => (await cut()).length === 0);
    }
  });
});
