import type { Problem } from '../../../apps/dashboard/src/contract.js';

/** A "no" of the contract server. */
export class Refused extends Error {
  constructor(readonly problem: Pick<Problem, 'status' | 'code' | 'detail' | 'next' | 'errors'>) {
    super(problem.detail);
  }
}

export const refused = (status: number, code: string, detail: string, next: string, errors?: Problem['errors']): Refused =>
  new Refused({ status, code, detail, next, ...(errors && { errors }) });
