import type { OpenProblem, SectionCount } from '../contract.js';
import { type SectionStatus, headlineOf, kindOf, sectionStatusOf, worstOf } from './section-status.js';

const stands = ({
  unwatched,
  building = false,
  ...over
}: Partial<Omit<SectionCount, 'unwatched'>> & { unwatched?: Partial<SectionCount['unwatched']> }): SectionStatus => {
  const count = { up: 0, degraded: 0, down: 0, unknown: 0, ...over };
  const total = count.up + count.degraded + count.down + count.unknown;
  return sectionStatusOf({ total, ...count, unwatched: { pending: 0, enrolled: 0, suspended: 0, revoked: 0, ...unwatched }, building });
};
const services = stands({ up: 8 });
const headline = (sentence: string, problems: number, ...sectionStatuses: Parameters<typeof headlineOf>[1]): string => {
  const { told, rest } = headlineOf({ sentence, problems: Array.from({ length: problems }, () => ({}) as OpenProblem) }, sectionStatuses);
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
  it('keeps what the server says of a section that is being built, also where others are apart', () => {
    const peers = stands({ unknown: 1, unwatched: { pending: 1 } });
    const said = '8 healthy · edge agents being built';
    expect(headline(said, 0, services, peers, stands({ building: true }))).toBe(`${said} · 1 pending`);
  });

  it('says all only where all are', () => {
    expect(headline('All 8 healthy', 0, services)).toBe('All 8 healthy');
    expect(headline('All 9 healthy', 0, services, stands({ up: 1, unknown: 1, unwatched: { pending: 1 } }))).toBe('9 healthy · 1 pending');
  });

  it('says what is unknown, so that nothing is missed as the judged become fewer', () => {
    const peers = stands({ down: 1, unknown: 2 });
    expect(headline('1 problem · 8/9 healthy', 1, services, peers)).toBe('1 problem · 8/9 healthy · 2 unknown');
  });

  it('names what is apart, and leaves out who is revoked', () => {
    const agents = stands({ unknown: 3, unwatched: { enrolled: 1, revoked: 1 } });
    const peers = stands({ down: 1, unknown: 2, unwatched: { pending: 1, suspended: 1 } });
    expect(headline('1 problem · 8/9 healthy', 1, services, agents, peers)).toBe(
      '1 problem · 8/9 healthy · 1 unknown, 1 pending, 1 enrolled, 1 suspended',
    );
    expect(agents.total).toBe(2);
  });

  it('says so where nothing is known', () => {
    expect(headline('Nothing is known yet', 0, stands({ unknown: 1 }))).toBe('Nothing is known yet · 1 unknown');
  });
});

it('takes the worst of what is watched', () => {
  expect(worstOf(stands({ up: 2, unknown: 2, unwatched: { pending: 1, suspended: 1 } }))).toBe('up');
  expect(worstOf(stands({ up: 2, unknown: 2, unwatched: { pending: 1 } }))).toBe('unknown');
  expect(worstOf(stands({ unknown: 1, unwatched: { pending: 1 } }))).toBeNull();
  expect(worstOf(stands({ up: 1, down: 1 }))).toBe('down');
});
