import { Injectable, Logger } from '@nestjs/common';
import { wroteNothing } from '@app/event-store';
import { ProblemException, problemOf } from '@app/http';
import { type Refusal, isRefusal, refuse } from '@app/kernel';
import { DatabaseUnavailable } from '@app/read-store';
import type { RouteCredential } from './events/index.js';
import { targetUrlOf } from './events/target-url.js';
import { TargetGuard } from '../outbound.provider.js';
import { RouteCredentials } from './private/route-credentials.provider.js';
import { type Refused, refusals } from './refusals.js';
import { type CredentialInput, headerOf } from './route-input.command.js';

export type KeptCredential = Omit<RouteCredential, 'version'>;

/** The parts of a routing rule that are more than data: where it may lead, and the credential that is kept for it. */
@Injectable()
export class RouteParts {
  private readonly log = new Logger('federation.routes');

  constructor(
    private readonly guard: TargetGuard,
    private readonly credentials: RouteCredentials,
  ) {}

  /** The target as it is kept. Throws the problem `federation.target-denied`. */
  reachable(text: string): string {
    const checked = this.guard.check(text);
    const { denied, because } = checked instanceof URL ? { denied: 'query', because: 'it carries a query (?)' } : checked;
    if (checked instanceof URL && !checked.href.includes('?')) return targetUrlOf(checked);
    throw problemOf(refusals, refuse('federation.target-denied', { denied, because }));
  }

  /** Stores the value before the fact that names it. Throws problems: `federation.credential-scheme`, `federation.secrets-unavailable`. */
  async keep(ruleId: string, targetUrl: string, given: CredentialInput): Promise<KeptCredential> {
    const header = headerOf(given);
    if (header.toLowerCase() === 'authorization' && !given.value.includes(' '))
      throw problemOf(refusals, refuse('federation.credential-scheme'));
    try {
      return { ...(await this.credentials.keep(ruleId, targetUrl, given.value)), header };
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      this.log.error(`Cannot store the credential of rule ${ruleId}: ${String(error)}`);
      throw new ProblemException({
        title: 'Credential not stored',
        status: 503,
        code: 'federation.secrets-unavailable',
        detail: 'The credential of the rule could not be stored, so the rule was not written.',
        next: 'See whether PostgreSQL is healthy, then try again with the same Idempotency-Key.',
      });
    }
  }

  /** The decision. When it certainly wrote nothing, the row goes; when that is not certain, the row is left to the job. */
  async decided(
    kept: KeptCredential | null,
    decide: () => Promise<{ readonly position: string } | Refusal<Refused>>,
  ): Promise<{ readonly position: string } | Refusal<Refused>> {
    try {
      const outcome = await decide();
      if (kept !== null && isRefusal(outcome)) await this.forget(kept.credential_id);
      return outcome;
    } catch (error) {
      if (kept !== null && wroteNothing(error)) await this.forget(kept.credential_id);
      throw error;
    }
  }

  /** Never in the way of the answer: what stays is swept. */
  async forget(credentialId: string): Promise<void> {
    await this.credentials.forget(credentialId).catch((error: unknown) => this.leave(credentialId, error));
  }

  /** As `forget`, all of a rule that was removed. */
  async forgetOf(ruleId: string): Promise<void> {
    await this.credentials.forgetOf(ruleId).catch((error: unknown) => this.leave(`of rule ${ruleId}`, error));
  }

  private leave(what: string, error: unknown): void {
    this.log.warn(`Leaves the credential ${what} to the sweep: ${String(error)}`);
  }
}
