import type { StreamInfo } from '@nats-io/jetstream';
import { hasQuorum } from './quorum.js';

const SECOND = 1e9; // Nanoseconds, as the server counts.
type Replica = { offline?: boolean; active: number };
const info = (num_replicas: number, leader: string | undefined, ...replicas: Replica[]): Pick<StreamInfo, 'cluster' | 'config'> =>
  ({ config: { num_replicas }, cluster: { leader, replicas } }) as unknown as StreamInfo;

describe('hasQuorum', () => {
  it.each<[string, boolean, ReturnType<typeof info>]>([
    ['a single server', true, info(1, 'n1')],
    ['a leader that hears both others', true, info(3, 'n1', { active: SECOND }, { active: SECOND })],
    ['a leader that hears one of two', true, info(3, 'n1', { active: SECOND }, { offline: true, active: SECOND })],
    ['a leader that hears nobody any more, and has not stepped down', false, info(3, 'n1', { active: 5 * SECOND }, { active: 5 * SECOND })],
    ['a leader whose replicas are offline', false, info(3, 'n1', { offline: true, active: 0 }, { offline: true, active: 0 })],
    ['two of five', false, info(5, 'n1', { active: 0 }, ...Array<Replica>(3).fill({ active: 9 * SECOND }))],
    ['no leader', false, info(3, undefined, { active: 0 }, { active: 0 })],
    ['a leader without a name', false, info(3, '', { active: 0 }, { active: 0 })],
  ])('%s: %s', (_name, expected, of) => {
    expect(hasQuorum(of)).toBe(expected);
  });
});
