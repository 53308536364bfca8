import type { EdgeAgent, EdgeCost } from '../contract.js';
import { channelState, costOfAll, costOn, dollars, enrolmentOf, healthOfGateway, lastKnownAt, nameOf, uptimeMs, utcDay } from './agents.js';

const NOW = Date.parse('2026-11-23T12:00:00.000Z');
const HEARD = '2026-11-23T11:00:00.000Z';
const agent = (over: Partial<EdgeAgent> = {}): EdgeAgent =>
  ({
    agent_id: 'agent-1',
    label: '',
    hostname: 'berlin-3',
    lifecycle: 'active',
    status: 'connected',
    last_heartbeat_at: HEARD,
    started_at: '2026-11-23T09:00:00.000Z',
    connected_at: HEARD,
    cost: null,
    ...over,
  }) as EdgeAgent;

const HOUR = 3_600_000;

it('is called by its label, else by its host, else by its id', () => {
  expect(nameOf(agent({ label: 'Berlin' }))).toBe('Berlin');
  expect(nameOf(agent())).toBe('berlin-3');
  expect(nameOf(agent({ hostname: null }))).toBe('agent-1');
});

describe('what is known of it', () => {
  it.each([
    ['connected', null, 3 * HOUR],
    ['degraded', null, 3 * HOUR],
    ['reconnecting', HEARD, 2 * HOUR],
    ['restarting', HEARD, 2 * HOUR],
    ['disconnected', HEARD, 2 * HOUR],
    ['stale', HEARD, 2 * HOUR],
    ['quarantined', HEARD, 2 * HOUR],
    ['revoked', HEARD, 2 * HOUR],
    ['unknown', HEARD, 2 * HOUR],
  ] as const)('while it is %s is as of %p, and its uptime %d ms', (status, at, uptime) => {
    expect(lastKnownAt(agent({ status }))).toBe(at);
    expect(uptimeMs(agent({ status }), NOW)).toBe(uptime);
  });

  it('is nothing before it was heard', () => {
    const enrolled = agent({ status: 'enrolled', last_heartbeat_at: null, started_at: null });
    expect(lastKnownAt(enrolled)).toBeNull();
    expect(uptimeMs(enrolled, NOW)).toBeNull();
  });

  it('is never a negative uptime, whatever its clock says', () => {
    expect(uptimeMs(agent({ started_at: '2026-11-24T00:00:00.000Z' }), NOW)).toBe(0);
  });
});

describe('its cost', () => {
  const cost = (day: string, usd: number, tokens = 10): EdgeCost => ({
    day,
    usd,
    tokens,
    by_model: [],
    by_agent: [],
    missing_cost_entries: 0,
    fresh: true,
  });

  it('is of a UTC day, and of no other', () => {
    expect(utcDay(Date.parse('2026-11-23T23:59:59.999Z'))).toBe('2026-11-23');
    expect(costOn(agent({ cost: cost('2026-11-23', 4) }), '2026-11-23')?.usd).toBe(4);
    expect(costOn(agent({ cost: cost('2026-11-22', 4) }), '2026-11-23')).toBeNull();
    expect(costOn(agent(), '2026-11-23')).toBeNull();
  });

  it('adds up over those who say it of the day; where none does there is no sum', () => {
    const all = [
      agent({ cost: cost('2026-11-23', 1.5) }),
      agent({ cost: cost('2026-11-22', 9) }),
      agent(),
      agent({ cost: cost('2026-11-23', 2) }),
    ];
    expect(costOfAll(all, '2026-11-23')).toEqual({ usd: 3.5, tokens: 20 });
    expect(costOfAll([agent()], '2026-11-23')).toBeNull();
  });

  it.each([
    [0, '$0.00'],
    [0.004, '<$0.01'],
    [0.01, '$0.01'],
    [4.126, '$4.13'],
    [999.99, '$999.99'],
    [1_204.4, '$1,204'],
  ])('%d is told as %s', (usd, text) => expect(dollars(usd)).toBe(text));
});

describe('an enrolment', () => {
  const mine = (over: Partial<EdgeAgent> = {}): EdgeAgent => agent({ join_token_id: 'join-1', ...over });
  const others = [agent({ join_token_id: 'join-2' })];

  it('waits until its own token was used, or its time is over', () => {
    expect(enrolmentOf('join-1', others, false)).toEqual({ stage: 'waiting' });
    expect(enrolmentOf('join-1', others, true)).toEqual({ stage: 'expired' });
  });

  it('is joined before there ever was a tunnel, and connected from then on', () => {
    expect(enrolmentOf('join-1', [...others, mine({ lifecycle: 'enrolled' })], false)).toMatchObject({ stage: 'joined' });
    for (const connected_at of [HEARD, null])
      for (const isOver of [false, true])
        expect(enrolmentOf('join-1', [...others, mine({ connected_at })], isOver)).toMatchObject({
          stage: 'connected',
          agent: { join_token_id: 'join-1' },
        });
  });
});

it('shows a gateway as the server judges it', () => expect(healthOfGateway({ health: 'degraded' })).toBe('degraded'));

it.each([
  [true, 'ready', 'connected'],
  [false, 'recovering', 'not connected'],
  [null, 'ready', 'ready'],
  [null, null, 'not known'],
])('tells a channel with connected %s and lifecycle %s as %s', (connected, lifecycle, state) =>
  expect(channelState({ name: 'telegram', connected, lifecycle, error: null, down_since: null })).toBe(state),
);
