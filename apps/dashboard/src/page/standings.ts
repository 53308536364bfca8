import { useQuery } from '@tanstack/react-query';
import { agentsQuery, overviewQuery, peersQuery } from '../api/queries.js';
import type { LiveSection } from '../contract.js';
import { type Headline, type Standing, headlineOf, standingOf } from '../logic/standing.js';
import { usePolling } from './polling.js';

/** How each section stands; undefined: not known yet. The rows are asked for only where they tell more than the counts. */
export function useStandings(): Record<LiveSection, Standing> | undefined {
  const { data: answer } = useQuery(overviewQuery);
  const sections = answer?.data.sections;
  const asking = usePolling();
  const { data: peers } = useQuery({ ...peersQuery, ...asking, enabled: (sections?.federation.unknown ?? 0) > 0 });
  const { data: agents } = useQuery({ ...agentsQuery, ...asking, enabled: (sections?.edge.unknown ?? 0) > 0 });
  if (sections === undefined) return undefined;
  return {
    federation: standingOf(sections.federation, peers?.data),
    edge: standingOf(sections.edge, agents?.data),
    // A service is always watched.
    services: standingOf(sections.services, []),
  };
}

/** The page in one sentence. */
export function useHeadline(): Headline {
  const { data: answer } = useQuery(overviewQuery);
  const standings = useStandings();
  return answer === undefined || standings === undefined ? { told: '', rest: '' } : headlineOf(answer.data, Object.values(standings));
}
