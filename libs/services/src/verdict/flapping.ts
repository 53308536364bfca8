import type { Policy } from './policy.js';
import type { Memory } from './standing.js';

type Course = Memory['course'];

/**
 * How restless a component is, 0 to 1: its changes among the last evaluations, newer ones weighing more. Evaluations there
 * have not been yet count as quiet.
 */
export function restlessness(course: Course, { evaluations, oldest, newest }: Policy['flap']): number {
  const gaps = evaluations - 1; // Between two evaluations something changed, or did not.
  const changes = course.slice(-evaluations).map(({ status }, i, all) => i > 0 && all[i - 1]?.status !== status);
  const weightAt = (fromEnd: number): number => newest - ((newest - oldest) * fromEnd) / (gaps - 1);
  const weights = changes.map((changed, i) => (changed ? weightAt(changes.length - 1 - i) : 0));
  const most = ((oldest + newest) / 2) * gaps;
  return weights.reduce((sum, weight) => sum + weight, 0) / most;
}

/** Starts high and stops low, so that flapping does not itself flap. */
export const isFlapping = (was: boolean, course: Course, flap: Policy['flap']): boolean =>
  restlessness(course, flap) >= flap.start || (was && restlessness(course, flap) > flap.stop);

/** `flapping (7 changes in 10 min)` */
export function flappingSentence(course: Course): string {
  const changes = course.filter(({ status }, i) => i > 0 && course[i - 1]?.status !== status).length;
  const spanMs = (course.at(-1)?.atMs ?? 0) - (course[0]?.atMs ?? 0);
  return `Flapping (${changes} changes in ${Math.max(1, Math.round(spanMs / 60_000))} min).`;
}
