import type { OpenProblem, SectionCount } from '../contract.js';
import { headlineOf, kindOf, standingOf, worstOf } from './standing.js';

const counted = (over: Partial<SectionCount>): SectionCount => {
  const count = { up: 0, degraded: 0, down: 0, unknown: 0, ...over };
  return { total: count.up + count.degraded + count.down + count.unknown, ...count };
};
const rows = (...words: string[]) => words.map((status) => ({ status, health: 'unknown' as const }));
const services = standingOf(counted({ up: 8 }), []);
const headline = (sentence: string, problems: number, ...standings: Parameters<typeof headlineOf>[1]): string => {
  const { told, rest } = headlineOf({ sentence, problems: Array.from({ length: problems }, () => ({}) as OpenProblem) }, standings);
  return rest === '' ? told : `${told} · ${rest}`;
};

it('files what nobody watches under its own word, and the rest under its health', () => {
  expect(
    [
      ['pending', 'unknown'],
      ['suspended', 'unknown'],
      ['unknown', 'unknown'],
      ['auth_failed', 'down'],
    ].map(([status, health]) => kindOf({ status: status!, health: health as 'unknown' })),
  ).toEqual(['pending', 'suspended', 'unknown', 'down']);
});

describe('the headline', () => {
  it('says all only where all are', () => {
    expect(headline('All 8 healthy', 0, services)).toBe('All 8 healthy');
    expect(headline('All 9 healthy', 0, services, standingOf(counted({ up: 1, unknown: 1 }), rows('pending')))).toBe(
      '9 healthy · 1 pending',
    );
  });

  it('says what is unknown, so that nothing is missed as the judged become fewer', () => {
    const peers = standingOf(counted({ down: 1, unknown: 2 }), rows('unknown', 'unknown'));
    expect(headline('1 problem · 8/9 healthy', 1, services, peers)).toBe('1 problem · 8/9 healthy · 2 unknown');
  });

  it('names what is apart, and leaves out who is revoked', () => {
    const agents = standingOf(counted({ unknown: 3 }), rows('enrolled', 'revoked', 'unknown'));
    const peers = standingOf(counted({ down: 1, unknown: 2 }), rows('pending', 'suspended'));
    expect(headline('1 problem · 8/9 healthy', 1, services, agents, peers)).toBe(
      '1 problem · 8/9 healthy · 1 unknown, 1 pending, 1 enrolled, 1 suspended',
    );
    expect(agents.total).toBe(2);
  });

  it('says so where nothing is known, and tells nothing apart before the rows are there', () => {
    expect(headline('Nothing is known yet', 0, standingOf(counted({ unknown: 1 }), undefined))).toBe('Nothing is known yet · 1 not judged');
  });
});

it('takes the worst of what is watched', () => {
  expect(worstOf(standingOf(counted({ up: 2, unknown: 2 }), rows('pending', 'suspended')))).toBe('up');
  expect(worstOf(standingOf(counted({ up: 2, unknown: 2 }), rows('pending', 'unknown')))).toBe('unknown');
  expect(worstOf(standingOf(counted({ unknown: 1 }), rows('pending')))).toBeNull();
  expect(worstOf(standingOf(counted({ up: 1, down: 1 }), undefined))).toBe('down');
});
