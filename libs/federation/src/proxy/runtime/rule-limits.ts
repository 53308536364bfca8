import { DEFAULT_LIMITS } from '../../routing/events/route-limits.js';
import type { RouteLimits } from '../../routing/events/index.js';

export interface LimitParts {
  readonly nowMs: () => number;
  readonly warn: (sentence: string) => void;
}

/** A rule as far as its limits go. */
export interface LimitedRule {
  readonly rule_id: string;
  readonly rule_version: number | null;
  /** null: those of a new rule are watched, and not enforced. */
  readonly limits: RouteLimits | null;
}

/** What a call takes of its rules, until it ends. */
export interface Entered {
  /** The body is no longer held. May be called twice. */
  bodyDropped(): void;
  /** The call ended. May be called twice. */
  ended(): void;
}

/** Why a rule takes no more; `because` is a clause. */
export type Full =
  | { readonly full: 'body'; readonly most: number; readonly rule: LimitedRule }
  | { readonly full: 'rate' | 'calls' | 'bytes'; readonly because: string; readonly rule: LimitedRule };

interface Use {
  /** Calls that may begin now. */
  left: number;
  atMs: number;
  calls: number;
  bytes: number;
  warnedMs: number;
}

const MINUTE_MS = 60_000;
/** More shares than are used at a time, so that those of removed rules and peers are not kept for ever. */
const MAX_SHARES = 20_000;

/**
 * Counts what passes by each routing rule in this process, and says when a rule lets no more through. The limits of a rule are those of each
 * party that calls by it, a peer or a token of ours: one that uses up its share takes nothing from the others.
 */
export class RuleLimits {
  private readonly uses = new Map<string, Use>();

  constructor(private readonly parts: LimitParts) {}

  /** How many shares are remembered. */
  get size(): number {
    return this.uses.size;
  }

  /** Counts a call of `party` against all rules that let it through, or against none of them when one lets no more through. */
  enter(party: string, rules: readonly LimitedRule[], bodyBytes: number): Entered | Full {
    const each = rules.map((rule) => ({ rule, use: this.useOf(party, rule) }));
    for (const { rule, use } of each) {
      const full = fullOf(rule, use, bodyBytes);
      if (full === null) continue;
      if (rule.limits !== null) return full;
      this.warn(rule, use);
    }
    for (const { use } of each) {
      use.left = Math.max(0, use.left - 1);
      use.calls += 1;
      use.bytes += bodyBytes;
    }
    return enteredOf(
      each.map(({ use }) => use),
      bodyBytes,
    );
  }

  private useOf(party: string, { rule_id, limits }: LimitedRule): Use {
    const nowMs = this.parts.nowMs();
    const share = `${rule_id} ${party}`;
    const { calls_per_minute } = limits ?? DEFAULT_LIMITS;
    const use = this.uses.get(share) ?? { left: calls_per_minute, atMs: nowMs, calls: 0, bytes: 0, warnedMs: Number.NEGATIVE_INFINITY };
    use.left = Math.min(calls_per_minute, use.left + ((nowMs - use.atMs) / MINUTE_MS) * calls_per_minute);
    use.atMs = nowMs;
    this.uses.delete(share); // Set again it is the newest.
    this.uses.set(share, use);
    if (this.uses.size > MAX_SHARES) this.forgetOne();
    return use;
  }

  /** The one that was used longest ago and lets nothing through now. */
  private forgetOne(): void {
    for (const [share, { calls }] of this.uses) if (calls === 0) return void this.uses.delete(share);
  }

  private warn({ rule_id }: LimitedRule, use: Use): void {
    if (use.atMs - use.warnedMs < MINUTE_MS) return;
    use.warnedMs = use.atMs;
    this.parts.warn(
      `Rule ${rule_id} passes more than the limits of a new rule, which a later release enforces for it too. Give it limits: ` +
        `ap infrastructure routes edit ${rule_id} --calls-per-minute <number>`,
    );
  }
}

function fullOf(rule: LimitedRule, use: Use, bodyBytes: number): Full | null {
  const { calls_per_minute, concurrent_calls, body_bytes } = rule.limits ?? DEFAULT_LIMITS;
  if (bodyBytes > body_bytes) return { full: 'body', most: body_bytes, rule };
  if (use.left < 1) return { full: 'rate', because: `it lets ${calls_per_minute} calls a minute of each caller through`, rule };
  if (use.calls >= concurrent_calls) return { full: 'calls', because: `${concurrent_calls} calls are under way`, rule };
  if (use.bytes + bodyBytes > body_bytes) return { full: 'bytes', because: `the bodies under way have ${body_bytes} bytes`, rule };
  return null;
}

function enteredOf(uses: readonly Use[], bodyBytes: number): Entered {
  let [isHeld, isOpen] = [true, true];
  const bodyDropped = (): void => {
    if (isHeld) for (const use of uses) use.bytes -= bodyBytes;
    isHeld = false;
  };
  const ended = (): void => {
    bodyDropped();
    if (isOpen) for (const use of uses) use.calls -= 1;
    isOpen = false;
  };
  return { bodyDropped, ended };
}
