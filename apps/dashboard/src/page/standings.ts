import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../api/queries.js';
import type { LiveSection } from '../contract.js';
import { type Headline, type Standing, headlineOf, standingOf } from '../logic/standing.js';

/** How each section stands; undefined: not known yet. */
export function useStandings(): Record<LiveSection, Standing> | undefined {
  const { data: answer } = useQuery(overviewQuery);
  if (answer === undefined) return undefined;
  const { federation, edge, services } = answer.data.sections;
  return { federation: standingOf(federation), edge: standingOf(edge), services: standingOf(services) };
}

/** The page in one sentence; undefined: not known yet. */
export function useHeadline(): Headline | undefined {
  const { data: answer } = useQuery(overviewQuery);
  const standings = useStandings();
  return answer === undefined || standings === undefined ? undefined : headlineOf(answer.data, Object.values(standings));
}
