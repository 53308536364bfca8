import { Injectable } from '@nestjs/common';
import { CommandHandler, FACTS, LogStanding, type Recorded } from '@app/event-store';
import type { SessionClosed, SessionOpened, TokenHeld, TokenIssued, TokenReleased, TokenRevoked } from '../events/index.js';
import { session } from '../session.stream.js';
import { token } from '../token.stream.js';

const MAX_ENDED_SESSIONS = 100_000;

/**
 * What the facts say of tokens and sessions, which counts more than the rows of `private`: PostgreSQL may be older than the log, and then has
 * rows of what was revoked since. After the log was accepted as it is, a row that no fact names opens nothing either: the fact was lost.
 */
@Injectable()
export class Rights {
  /** `token:<id>`: revoked or held. */
  private readonly endedTokens = new Set<string>();
  /** `session:<id>`, the oldest first. */
  private readonly endedSessions = new Set<string>();
  private readonly known = new Set<string>();
  private readonly doubted = new Set<string>();

  constructor(
    private readonly commands: CommandHandler,
    private readonly log: LogStanding,
  ) {}

  /** One fact of `access.token` or `access.session`; the actor whose right it takes, or null. */
  hear({ type, data }: Recorded): string | null {
    switch (type) {
      case 'access.token.issued':
        this.known.add(`token:${(data as TokenIssued).token_id}`);
        return null;
      case 'access.token.held':
        return this.end(`token:${(data as TokenHeld).token_id}`);
      case 'access.token.released':
        this.endedTokens.delete(`token:${(data as TokenReleased).token_id}`);
        return null;
      case 'access.token.revoked':
        return this.end(`token:${(data as TokenRevoked).token_id}`);
      case 'access.session.opened':
        this.known.add(`session:${(data as SessionOpened).session_id}`);
        return null;
      case 'access.session.closed':
        return this.endSession(`session:${(data as SessionClosed).session_id}`);
      default:
        return null;
    }
  }

  /** What the facts say of one cannot be read: it opens nothing. Answers the actor. */
  doubt(subject: string): string {
    const actor = actorOf(subject);
    this.doubted.add(actor);
    return actor;
  }

  /** All facts of one follow once more. */
  again(subject: string): void {
    for (const all of [this.doubted, this.endedTokens, this.endedSessions, this.known]) all.delete(actorOf(subject));
  }

  /** Whether the facts let this actor in. Throws what the log throws when it must be asked and does not answer. */
  async letIn(actor: string): Promise<boolean> {
    if (this.doubted.has(actor) || this.endedTokens.has(actor) || this.endedSessions.has(actor)) return false;
    if (this.known.has(actor) || this.log.acceptedAt(FACTS) === null) return true;
    const [kind, id = ''] = actor.split(':');
    const { status } = await this.commands.read<{ status: string }>(kind === 'token' ? token.of(id) : session.of(id));
    if (status === 'issued' || status === 'open') this.known.add(actor);
    return this.known.has(actor);
  }

  private end(actor: string): string {
    this.endedTokens.add(actor);
    return actor;
  }

  private endSession(actor: string): string {
    this.endedSessions.add(actor);
    this.known.delete(actor);
    const [oldest] = this.endedSessions;
    if (this.endedSessions.size > MAX_ENDED_SESSIONS && oldest !== undefined) this.endedSessions.delete(oldest); // Long over by then.
    return actor;
  }
}

/** `facts.access.token.<id>` is of `token:<id>`. */
const actorOf = (subject: string): string => subject.split('.').slice(2).join(':');
