import { useQuery } from '@tanstack/react-query';
import { overviewQuery } from '../api/queries.js';
import type { LiveSection } from '../contract.js';
import { type Headline, type SectionStatus, headlineOf, sectionStatusOf } from '../logic/section-status.js';

/** How each section stands; undefined: not known yet. */
export function useSectionStatuses(): Record<LiveSection, SectionStatus> | undefined {
  const { data: answer } = useQuery(overviewQuery);
  if (answer === undefined) return undefined;
  const { federation, edge, services } = answer.data.sections;
  return { federation: sectionStatusOf(federation), edge: sectionStatusOf(edge), services: sectionStatusOf(services) };
}

/** The page in one sentence; undefined: not known yet. */
export function useHeadline(): Headline | undefined {
  const { data: answer } = useQuery(overviewQuery);
  const sectionStatuses = useSectionStatuses();
  return answer === undefined || sectionStatuses === undefined ? undefined : headlineOf(answer.data, Object.values(sectionStatuses));
}
