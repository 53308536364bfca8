import { Injectable, Logger } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { ProblemException } from '@app/http';
import { DatabaseUnavailable, isDatabaseTrouble } from '@app/read-store';
import { problem } from './problem.adapter.js';

/** The problem `access.unavailable`, 503. */
export class AccessUnavailable extends ProblemException {
  constructor() {
    super(problem('access.unavailable').problem);
  }
}

/** The time for an answer is over. */
class NoAnswer extends Error {}
const isUnavailable = (error: unknown): boolean =>
  error instanceof NoAnswer || error instanceof DatabaseUnavailable || isDatabaseTrouble(error);

/** The private tables, or word that they cannot be reached. */
@Injectable()
export class PrivateTables {
  private readonly log = new Logger('access');
  private answering = true;

  constructor(private readonly db: DataSource) {}

  /** Throws `AccessUnavailable` when PostgreSQL does not answer, within `timeoutMs` if given. What it was asked may still happen. */
  async ask<T>(work: (db: EntityManager) => Promise<T>, timeoutMs?: number): Promise<T> {
    try {
      const result = await (timeoutMs === undefined ? work(this.db.manager) : within(timeoutMs, work(this.db.manager)));
      this.hears(null);
      return result;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      this.hears(error);
      throw new AccessUnavailable();
    }
  }

  /** Says so once when it falls silent, and once when it is back. The message alone: an error of the driver holds the parameters. */
  private hears(error: unknown): void {
    const answers = error === null;
    if (answers === this.answering) return;
    this.answering = answers;
    if (answers) this.log.log('PostgreSQL answers again: logins are checked');
    else
      this.log.warn(`PostgreSQL does not answer, logins cannot be checked: ${error instanceof Error ? error.message : 'no reason given'}`);
  }
}

async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new NoAnswer(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
