import { agentSentence } from '../agent-sentences.js';
import type { AgentReason, GatewaySnapshot } from '../events/index.js';
import { detailsNow } from './details-now.js';

const before = { gateways: ['gone'] };
const gateway = (name: string, state: GatewaySnapshot['state'], reason: GatewaySnapshot['reason'] = null) => ({
  ...{ name, state, reason },
  sentence: `${name} says why.`,
});
const told = (reason: AgentReason | null, gateways: ReturnType<typeof gateway>[], diskRatio: number | null = null): string =>
  agentSentence(reason, detailsNow({ reason, details: before, gateways, diskRatio }), 0);

describe('the details of an agent beside a gateway that is not well', () => {
  it('name the gateway, and why', () => {
    expect(told('dependency_down', [gateway('main', 'ready'), gateway('lab', 'unreachable')])).toBe(
      'Its gateway lab does not serve: lab says why.',
    );
    expect(told('dependency_down', [gateway('main', 'ready', 'dependency_down')])).toBe(
      'Its gateway main serves, and is not well: main says why.',
    );
  });

  it('name several and count all', () => {
    expect(told('dependency_down', [gateway('a', 'unreachable'), gateway('b', 'unauthorised'), gateway('c', 'starting')])).toBe(
      '2 of its 3 gateways are not well: a, b.',
    );
    const many = ['a', 'b', 'c', 'd', 'e'].map((name) => gateway(name, 'not_ready'));
    expect(told('dependency_down', many)).toBe('5 of its 5 gateways are not well: a, b, c and more.');
  });

  it('stay as they were while the status has not followed yet', () => {
    expect(told('dependency_down', [gateway('main', 'ready'), gateway('lab', 'draining')])).toBe('Its gateway gone does not serve.');
  });
});

describe('the details of an agent on a full disk', () => {
  it.each([
    [0.998, '99 %'],
    [0.57, '57 %'],
    [0.9, '90 %'],
  ])('have the share of now, rounded down: %d is %s', (ratio, shown) =>
    expect(told('disk_full', [], ratio)).toBe(`The disk of its host is ${shown} full.`),
  );

  it('stay as they were when the agent says no figure any more', () => {
    expect(detailsNow({ reason: 'disk_full', details: before, gateways: [], diskRatio: null })).toBe(before);
  });
});

it.each(['slow', null] as const)('leaves the details of %s alone', (reason) =>
  expect(detailsNow({ reason, details: before, gateways: [gateway('main', 'unreachable')], diskRatio: 0.95 })).toBe(before),
);
