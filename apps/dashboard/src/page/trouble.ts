import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';
import { ProblemError } from '../api/http.js';
import type { Answer, Problem } from '../contract.js';

export type Asked = Pick<UseQueryResult<unknown>, 'data' | 'error' | 'isFetched'>;

/**
 * Why there is nothing to show; null: there is something, or the first answer is under way. A query forgets its error when it asks
 * again; this keeps it until there is another answer, so that what failed does not alternate between a problem and a skeleton.
 */
export function useTrouble({ data, error, isFetched }: Asked): Problem | null {
  const [last, setLast] = useState<Problem | null>(null);
  const now = error instanceof ProblemError ? error.problem : null;
  if (now !== null && now !== last) setLast(now);
  return data === undefined && isFetched ? (now ?? last) : null;
}

/** The rows of a list that only names things; empty: they cannot be had; undefined: the first answer is under way. */
export const rowsOnceAsked = <T>({ data, isFetched }: Pick<UseQueryResult<Answer<T[]>>, 'data' | 'isFetched'>): readonly T[] | undefined =>
  data?.data ?? (isFetched ? [] : undefined);
