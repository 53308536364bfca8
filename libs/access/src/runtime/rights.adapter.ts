import { Injectable } from '@nestjs/common';
import { CommandHandler, FACTS, LogAcceptance, type Recorded } from '@app/event-store';
import { type Instant, streamOf } from '@app/kernel';
import * as events from '../events/index.js';
import { session } from '../session.stream.js';
import { token } from '../token.stream.js';

const MAX_ENDED_SESSIONS = 100_000;
const SESSIONS = 'facts.access.session.';

/** What a fact does to the right of its token or session. */
type Change = 'given' | 'taken' | { readonly endsAt: Instant };
const tokenRights = streamOf('access.token', events).folds<Change>({
  initial: 'taken',
  evolve: {
    'access.token.issued': () => 'given',
    'access.token.held': () => 'taken',
    'access.token.released': () => 'given',
    'access.token.revoked': () => 'taken',
    'access.token.rotated': (_before, { data: { ends_at } }) => (ends_at === null ? 'taken' : { endsAt: ends_at }),
  },
});
const sessionRights = streamOf('access.session', events).folds<Change>({
  initial: 'taken',
  evolve: { 'access.session.opened': () => 'given', 'access.session.closed': () => 'taken' },
});

/**
 * What the facts say of tokens and sessions, which counts more than the rows of `private`: PostgreSQL may be older than the log, and then has
 * rows of what was revoked since. After the log was accepted as it is, a row that no fact names opens nothing either: the fact was lost.
 */
@Injectable()
export class Rights {
  /** `token:<id>` that is revoked or held, `session:<id>` that is closed. */
  private readonly ended = new Set<string>();
  /** Those of sessions, the oldest first. */
  private readonly endedSessions = new Set<string>();
  private readonly known = new Set<string>();
  private readonly blocked = new Set<string>();
  /** When those that were rotated end, ms. */
  private readonly endings = new Map<string, number>();

  constructor(
    private readonly commands: CommandHandler,
    private readonly log: LogAcceptance,
  ) {}

  /** Whether the facts say already that this actor is let in no more. */
  isOver(actor: string): boolean {
    return this.blocked.has(actor) || this.ended.has(actor) || this.endsAt(actor) <= Date.now();
  }

  /** When the facts say that the right of this actor ends, ms; Infinity: they do not. */
  endsAt(actor: string): number {
    return this.endings.get(actor) ?? Infinity;
  }

  /** One fact of `access.token` or `access.session`; whose right it gives or takes. */
  hear(fact: Recorded): { readonly actor: string; readonly change: Change } {
    const rights = fact.subject.startsWith(SESSIONS) ? sessionRights : tokenRights;
    const actor = actorOf(fact.subject);
    const change = rights.next(rights.initial, fact);
    if (typeof change === 'object') {
      this.endings.set(actor, Date.parse(change.endsAt));
      return { actor, change };
    }
    if (change === 'given') {
      this.known.add(actor);
      this.ended.delete(actor);
      return { actor, change };
    }
    this.known.delete(actor);
    this.ended.add(actor);
    if (fact.subject.startsWith(SESSIONS)) this.endedSessions.add(actor);
    const [oldest] = this.endedSessions;
    if (this.endedSessions.size > MAX_ENDED_SESSIONS && oldest !== undefined) this.forget(oldest); // Long over by then.
    return { actor, change };
  }

  /** What the facts say of one cannot be read: it opens nothing. Answers the actor. */
  block(subject: string): string {
    const actor = actorOf(subject);
    this.blocked.add(actor);
    return actor;
  }

  /** All facts of one follow once more. */
  again(subject: string): void {
    for (const all of [this.blocked, this.ended, this.endedSessions, this.known, this.endings]) all.delete(actorOf(subject));
  }

  /** Whether the facts let this actor in. Throws what the log throws when it must be asked and does not answer. */
  async letIn(actor: string): Promise<boolean> {
    if (this.isOver(actor)) return false;
    if (this.known.has(actor) || this.log.acceptedAt(FACTS) === null) return true;
    const [kind, id = ''] = actor.split(':');
    const { status } = await this.commands.read<{ status: string }>(kind === 'token' ? token.of(id) : session.of(id));
    if (status === 'issued' || status === 'open') this.known.add(actor);
    return this.known.has(actor);
  }

  private forget(session: string): void {
    this.endedSessions.delete(session);
    this.ended.delete(session);
  }
}

/** `facts.access.token.<id>` is of `token:<id>`. */
const actorOf = (subject: string): string => subject.split('.').slice(2).join(':');
