import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { feed } from '../api/feed.js';
import { overviewQuery } from '../api/queries.js';
import type { OpenProblem, Overview } from '../contract.js';
import type { Section } from '../logic/address.js';
import { POLL_MS, STALE_AFTER_MS } from '../logic/freshness.js';
import { clockTime, duration } from '../logic/moment.js';
import { said } from '../logic/said.js';
import type { Headline } from '../logic/section-status.js';
import { SEVERITY, wordOf } from '../logic/words.js';
import { IconButton } from '../parts/button.js';
import { Time, useClock, useFreshness } from '../parts/clock.js';
import { useNotice } from '../parts/notices.js';
import { StateShape } from '../parts/state-mark.js';
import { GoTo, usePlace } from './place.js';
import { useHeadline } from './section-statuses.js';
import { useTrouble } from './trouble.js';

/** One sentence that answers why somebody came, how far it may be believed, and what is wrong elsewhere on the page. */
export const OverallStatus = ({ onRefresh }: { onRefresh: () => void }) => {
  const query = useQuery(overviewQuery);
  const headline = useHeadline();
  const trouble = useTrouble(query);
  const answer = query.data;
  return (
    <header className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 pt-4 pb-4 sm:px-6 md:pt-5">
      <div className="min-w-0 flex-1">
        <h1 className="text-xs font-medium text-faint">Infrastructure</h1>
        {answer !== undefined && headline !== undefined ? (
          <Sentence verdict={answer.data.verdict} {...headline} />
        ) : trouble !== null ? (
          <Sentence verdict="unknown" told="Not known" rest={trouble.detail} />
        ) : (
          <div aria-busy="true" className="flex h-7 items-center">
            <div className="skeleton h-5 w-64 max-w-full" />
          </div>
        )}
      </div>
      <div className="flex items-center gap-1">
        <Believed />
        <IconButton icon="refresh" label="Ask again" hint="r" onClick={onRefresh} />
      </div>
      {answer !== undefined && <Elsewhere problems={answer.data.problems} />}
    </header>
  );
};

const Sentence = ({ verdict, told, rest }: Pick<Overview, 'verdict'> & Headline) => (
  <p data-verdict={verdict} className="believed flex items-center gap-2.5 text-lg font-semibold tracking-tight sm:text-xl">
    <StateShape status={verdict} health={verdict} size={16} />
    <span className="min-w-0">
      {told}
      {rest !== '' && <span className="text-base font-normal tracking-normal text-soft"> · {rest}</span>}
    </span>
  </p>
);

const DOT = { live: 'bg-up-fill', polling: 'bg-degraded-fill', stale: 'bg-unknown-fill', connecting: 'bg-unknown-fill' } as const;
const SAYS = {
  live: 'Changes are shown as they happen.',
  polling: `The stream is interrupted: the page asks every ${POLL_MS / 1_000} seconds, and tries to reconnect.`,
  stale: `Nothing was heard for ${STALE_AFTER_MS / 1_000} seconds: what you see is the last that was known.`,
  connecting: 'Connecting to the stream.',
} as const;

/** How far the page may be believed. Counts by this browser's clock: while it is stale, the server's stands still. */
const Believed = () => {
  const freshness = useFreshness();
  return (
    <p
      data-freshness={freshness}
      data-tip={SAYS[freshness]}
      className={`flex h-8 items-center gap-2 rounded-md px-2.5 text-xs text-soft ${freshness === 'stale' ? 'border border-edge bg-unknown-wash' : ''}`}
    >
      <span className={`size-2 ${freshness === 'stale' ? '' : 'rounded-full'} ${DOT[freshness]}`} />
      {freshness === 'stale' ? (
        <ConnectionLost />
      ) : freshness === 'polling' ? (
        `Polling every ${POLL_MS / 1_000} s`
      ) : freshness === 'live' ? (
        <Live />
      ) : (
        'Connecting…'
      )}
    </p>
  );
};

const Live = () => {
  const time = useClock(clockTime);
  return <span>Live · {time}</span>;
};

const ConnectionLost = () => {
  const lost = useLocalTick(() => (feed.lastWordAt === null ? null : duration(Date.now() - feed.lastWordAt)));
  return <span className="font-medium text-ink">{lost === null ? 'Stale · no answer yet' : `Stale · last word ${lost} ago`}</span>;
};

function useLocalTick<T>(tell: () => T): T {
  const [told, setTold] = useState(tell);
  const latest = useRef(tell);
  useEffect(() => feed.onTick(() => setTold(latest.current())), []);
  return told;
}

const SECTION: Record<OpenProblem['kind'], Section> = { peer: 'federation', edge: 'edge', svc: 'services' };
const SHOWN = 4;

/** The problems the list below does not show. */
const Elsewhere = ({ problems }: { problems: readonly OpenProblem[] }) => {
  const { section } = usePlace();
  const others = problems.filter(({ kind }) => SECTION[kind] !== section).toSorted((a, b) => SEVERITY[a.health] - SEVERITY[b.health]);
  if (others.length === 0) return null;
  return (
    <ul aria-label="Problems in other sections" className="believed flex w-full flex-wrap gap-2">
      {others.slice(0, SHOWN).map((problem) => (
        <li key={`${problem.kind} ${problem.id}`} className="min-w-0">
          <GoTo
            to={{ section: SECTION[problem.kind], id: problem.id }}
            data-tip={said(problem.sentence)}
            className="flex h-7 items-center gap-2 rounded-md border border-line bg-card px-2.5 hover:border-edge"
          >
            <StateShape status={problem.status} health={problem.health} size={10} />
            <span className="truncate font-medium">{problem.name}</span>
            <span className="text-soft">
              {wordOf(problem.status)} <Time at={problem.since} tell="for" />
            </span>
          </GoTo>
        </li>
      ))}
      {others.length > SHOWN && <li className="flex h-7 items-center text-soft">and {others.length - SHOWN} more</li>}
    </ul>
  );
};

const wholeOf = ({ told, rest }: Headline): string => (rest === '' ? told : `${told} · ${rest}`);

/** The page's one live region: says a new verdict, and what a command did. The first status is read, not announced. */
export const LiveRegion = () => {
  const { data: answer } = useQuery(overviewQuery);
  const notice = useNotice();
  const sentence = answer?.data.sentence;
  const headline = useHeadline();
  const before = useRef<string>(undefined);
  const [announced, setAnnounced] = useState('');
  const speak = useEffectEvent(() => headline !== undefined && setAnnounced(wholeOf(headline)));
  useEffect(() => {
    if (sentence === undefined) return;
    // Compares what the server judged: a command that suspends or resumes is announced by its own notice.
    if (before.current !== undefined && before.current !== sentence) speak();
    before.current = sentence;
  }, [sentence]);
  useEffect(() => {
    if (notice !== null) setAnnounced(notice);
  }, [notice]);
  return (
    <div role="status" aria-live="polite" className="sr-only">
      {announced}
    </div>
  );
};
