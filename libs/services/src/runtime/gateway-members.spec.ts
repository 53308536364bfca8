import { FakeClock } from '@app/kernel/testing';
import { refused } from '../../testing/status-history.js';
import { FakeProbe } from '../../testing/fake-probe.js';
import type { ComponentId } from '../events/index.js';
import type { ObservedGateway } from '../seen-gateways.js';
import { deriveStatus } from './derive-status.js';
import { neverProbed } from './evaluation-state.js';
import { EvaluationStates } from './evaluation-states.js';
import { GatewayMembers } from './gateway-members.js';
import { POLICY } from './policy.js';

const clock = new FakeClock();
const ID = 'gateway-main' as ComponentId;
const probed = {
  declaration: { component_id: ID, kind: 'gateway' as const, name: 'main', target: null, critical: true },
  probe: new FakeProbe(),
};
const seen = (status: ObservedGateway['status'], position: string): ObservedGateway =>
  ({ name: `gateway of ${status}`, label: 'Berlin', status, position }) as ObservedGateway;

describe('the members of the gateways', () => {
  let states: EvaluationStates;
  let rows: () => Promise<readonly ObservedGateway[]>;
  const membersOf = (configured = [probed]) => new GatewayMembers(configured, states, { all: () => rows() }, clock);
  beforeEach(() => {
    states = new EvaluationStates();
    states.put(ID, neverProbed(clock.wallMs()));
    rows = async () => [seen('red', 'f7'), seen('unknown', 'f8')];
  });
  const probe = (): void => {
    const observed = { kind: 'gateway' as const, result: refused, redParents: [], isCorrelated: false };
    for (let n = 0; n < 3; n++)
      states.put(ID, deriveStatus(states.of(ID) ?? neverProbed(0), observed, clock.wallMs() + n * 60_000, POLICY));
  };

  it('are not known until each probed gateway was probed once', async () => {
    expect(await membersOf().members()).toBeNull();
    probe();
    expect(await membersOf().members()).toMatchObject([
      { name: 'main', critical: true, status: 'red' },
      { status: 'red' },
      { away: 'Berlin' },
    ]);
  });

  it('name the red ones, and where the log says of those that agents see', async () => {
    probe();
    const members = membersOf();
    await members.members();
    expect([members.redIds, members.redPositions]).toEqual([[ID], ['f7']]);
  });

  it('are unknown while PostgreSQL does not say what agents see, and as many as before', async () => {
    probe();
    const members = membersOf();
    await members.members();
    rows = () => Promise.reject(new Error('down'));
    expect((await members.members())?.slice(1)).toEqual([
      { name: 'gateway of red', critical: false, status: 'unknown' },
      { name: 'gateway of unknown', critical: false, status: 'unknown' },
    ]);
  });

  it('are there by the configuration, by what agents see, or not known to be', async () => {
    expect(await membersOf().areThere()).toBe(true);
    expect(await membersOf([]).areThere()).toBe(true);
    rows = async () => [];
    expect(await membersOf([]).areThere()).toBe(false);
    rows = () => Promise.reject(new Error('down'));
    expect(await membersOf([]).areThere()).toBeUndefined();
  });
});
