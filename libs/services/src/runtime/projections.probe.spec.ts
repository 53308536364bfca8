import { StatusHistory } from '../../testing/status-history.js';
import { ProjectionsProbe } from './projections.probe.js';

type Lags = Awaited<ReturnType<import('./ports.js').ProjectionLag['read']>>;
const look = (read: () => Promise<Lags>) => new ProjectionsProbe({ read }).look();
const lag = (projection: string, lag_events: number, lag_seconds: number, stalled_seconds: number, parked = 0) => ({
  projection,
  lag_events,
  lag_seconds,
  stalled_seconds,
  parked,
});

it('measures the one that is furthest behind and the one that has stood still for longest', async () => {
  const result = await look(async () => [lag('peers', 3, 6, 0), lag('tokens', 90, 4, 8), lag('services', 0, 0, 900)]);
  expect(result).toMatchObject({
    latencyMs: null,
    measured: [
      { gauge: 'lag_ms', value: 6_000, of: 'peers' },
      { gauge: 'stalled_ms', value: 8_000, of: 'tokens' },
    ],
  });
});

it('finds nothing when all have caught up, or there are none', async () => {
  for (const all of [[lag('peers', 0, 0, 900)], []]) {
    const probeResult = await look(async () => all);
    expect(new StatusHistory('projections').probes(...(probeResult === null ? [] : [probeResult, probeResult, probeResult]))).toEqual([
      'green',
      'green',
      'green',
    ]);
  }
});

it('knows nothing when it cannot be measured', async () => {
  expect(await look(() => Promise.reject(new Error('PostgreSQL does not answer')))).toBeNull();
});

it('names the projection that is behind', async () => {
  const history = new StatusHistory('projections');
  const result = await look(async () => [lag('peers', 3, 40, 0)]);
  if (result !== null) history.probes(result);
  expect(history.evaluated).toMatchObject({ status: 'red', sentence: 'peers is 40 s behind the log, the limit is 30 s.' });
});

it('names the projections in which rows stand still, and is amber', async () => {
  const history = new StatusHistory('projections');
  const result = await look(async () => [lag('peers', 0, 0, 0, 2), lag('tokens', 0, 0, 0), lag('agents', 0, 0, 0, 1)]);
  if (result !== null) history.probes(result, result, result);
  expect(history.evaluated).toMatchObject({
    status: 'amber',
    reason: 'events_parked',
    sentence: expect.stringContaining('3 rows stand still at events that cannot be used, in peers, agents') as string,
  });
});
