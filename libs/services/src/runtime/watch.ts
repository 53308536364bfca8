import type { Clock } from '@app/kernel';
import type { ComponentKind } from '../events/component-kind.js';
import { isFull } from './causes.js';
import { deriveStatus } from './derive-status.js';
import { isDoubted } from './doubt.js';
import type { Policy } from './policy.js';
import { type Reading, failed } from './reading.js';
import { type Standing, type Verdict, earlier } from './standing.js';
import type { OwnLoop } from './own-loop.js';
import type { Probe } from './probe.js';
import { nextProbeMs } from './schedule.js';

/** One component to look at. */
export interface Watched {
  readonly componentId: string;
  readonly kind: ComponentKind;
  readonly probe: Probe;
  /** What it is taken for until the first probe. */
  readonly standing: Standing;
  /** Looked at again as soon as the verdict on one of these changes. */
  readonly follows: readonly string[];
}

/** One evaluation: a probe came back, or time alone changed the verdict or its details (`reading` is then null). */
export interface Judged {
  readonly componentId: string;
  readonly atMs: number;
  readonly reading: Reading | null;
  readonly before: Verdict;
  readonly standing: Standing;
  readonly nextProbeAtMs: number;
}

export interface WatchParts {
  readonly clock: Clock;
  readonly loop: OwnLoop;
  readonly policy: Policy;
  /** A sentence for whoever runs the process. */
  readonly warn: (sentence: string) => void;
}

const SWEEP_MS = 1_000;
/** A clock that runs a little slow is none that was set back. */
const SET_BACK_MS = 500;

interface Post extends Watched {
  standing: Standing;
  nextProbeAtMs: number;
  callOff: () => void;
  /** `due`: waits for a place; `again`: looked at, and to be looked at again at once. */
  state: 'resting' | 'due' | 'looking' | 'again';
  /** A look that was given up and has not ended. */
  isHanging: boolean;
}

/**
 * Looks at components, each at its own beat, and judges them. A component is `resting` until its next probe is due, `due` until
 * one of the places is free, `looking` until the probe came back or its time is over, and then rests again. All are looked at
 * once at the start. Once a second all are judged without a new probe, for what time alone changes: silence, and parents.
 */
export class Watch {
  private readonly posts = new Map<string, Post>();
  private readonly queue: Post[] = [];
  private readonly looks = new Set<Promise<void>>();
  private readonly ending = new AbortController();
  private stopSweeping: () => void = () => {};
  /** Both clocks, when they were last looked at. */
  private clocks: { readonly wallMs: number; readonly nowMs: number };

  constructor(
    watched: readonly Watched[],
    private readonly parts: WatchParts,
    private readonly onJudged: (judged: Judged) => void,
  ) {
    this.clocks = { wallMs: parts.clock.wallMs(), nowMs: parts.clock.nowMs() };
    for (const one of watched) this.post(one);
  }

  private post(one: Watched): Post {
    const post: Post = { ...one, nextProbeAtMs: 0, callOff: () => {}, state: 'resting', isHanging: false };
    this.posts.set(one.componentId, post);
    return post;
  }

  /** Watches one more, once this has started. */
  add(one: Watched): void {
    this.summon(this.post(one));
  }

  /** Watches it no more; what a look that is under way brings back counts for nothing. */
  async remove(componentId: string): Promise<void> {
    const post = this.posts.get(componentId);
    this.posts.delete(componentId);
    post?.callOff();
    await post?.probe.close();
  }

  start(): void {
    for (const post of this.posts.values()) this.summon(post);
    this.sweep();
  }

  /** Calls everything off and waits for the probes to let go. */
  async stop(): Promise<void> {
    this.ending.abort();
    this.stopSweeping();
    for (const post of this.posts.values()) post.callOff();
    await Promise.all(this.looks);
    await Promise.all([...this.posts.values()].map(({ probe }) => probe.close()));
  }

  standingOf(componentId: string): Standing | undefined {
    return this.posts.get(componentId)?.standing;
  }

  /** Goes on from another standing than it had come to itself. */
  adopt(componentId: string, standing: Standing): void {
    const post = this.posts.get(componentId);
    if (post !== undefined) post.standing = standing;
  }

  /** Looks as soon as there is a place. */
  private summon(post: Post): void {
    if (post.state === 'due' || this.ending.signal.aborted) return;
    if (post.state !== 'resting') {
      post.state = 'again';
      return;
    }
    post.callOff();
    post.state = 'due';
    this.queue.push(post);
    this.fill();
  }

  private fill(): void {
    while (this.looks.size < this.parts.policy.concurrency) {
      const post = this.queue.shift();
      if (post === undefined || this.ending.signal.aborted) return;
      const look = this.visit(post).finally(() => {
        this.looks.delete(look);
        this.fill();
      });
      this.looks.add(look);
    }
  }

  private async visit(post: Post): Promise<void> {
    post.state = 'looking';
    const { loop, policy } = this.parts;
    const latenessMs = loop.watch();
    const reading = await this.look(post);
    const isOurs = latenessMs() > policy.ownLatenessMs;
    if (this.ending.signal.aborted || this.posts.get(post.componentId) !== post) return;
    const nowMs = this.wallMs();
    const isSummoned = (post.state as Post['state']) === 'again';
    post.state = 'resting';
    if (isOurs) this.rest(post, nowMs + (policy.reprobeAfterMs[0] ?? 0));
    else {
      const before = this.judge(post, reading, nowMs);
      this.rest(post, nextProbeMs(post.componentId, post.kind, post.standing.memory, nowMs, policy));
      this.report(post, before, reading, nowMs);
    }
    if (isSummoned) this.summon(post);
  }

  /** What the probe says, or that its time is over. */
  private async look(post: Post): Promise<Reading | null> {
    const { timeoutMs } = this.parts.policy.kinds[post.kind];
    const late = post.probe.isIndirect ? null : failed('heartbeat_timeout', `No answer within ${timeoutMs / 1000} s.`);
    if (post.isHanging) return late;
    const giveUp = new AbortController();
    const signal = AbortSignal.any([giveUp.signal, this.ending.signal]);
    const { promise: timeout, resolve } = Promise.withResolvers<Reading | null>();
    const callOff = this.parts.clock.after(timeoutMs, () => resolve(late));
    this.ending.signal.addEventListener('abort', () => resolve(null), { once: true, signal: giveUp.signal });
    post.isHanging = true;
    const looked = this.ask(post, signal).finally(() => (post.isHanging = false));
    const reading = await Promise.race([looked, timeout]);
    callOff();
    giveUp.abort();
    return reading;
  }

  private async ask({ probe, componentId }: Post, signal: AbortSignal): Promise<Reading | null> {
    try {
      return await probe.look(signal);
    } catch (error) {
      if (!signal.aborted) this.parts.warn(`The probe of ${componentId} itself failed: ${String(error)}`);
      return null;
    }
  }

  /** Answers the verdict there was before. */
  private judge(post: Post, reading: Reading | null, nowMs: number): Verdict {
    const { policy } = this.parts;
    const { kind, standing } = post;
    const verdictOf = (id: string): Verdict | undefined => this.standingOf(id)?.verdict;
    const red = policy.kinds[kind].dependsOn.filter((id) => verdictOf(id)?.status === 'red');
    const redParents = [...red, ...(post.probe.blockedBy ?? [])];
    const fullParents = red.filter((id) => isFull(verdictOf(id) ?? { reason: null }));
    const seen = { kind, reading, redParents, fullParents, doubted: this.isDoubted(post, reading, nowMs) };
    post.standing = deriveStatus(standing, seen, nowMs, policy);
    return standing.verdict;
  }

  private report({ componentId, standing, nextProbeAtMs }: Post, before: Verdict, reading: Reading | null, atMs: number): void {
    const { status, reason, details } = standing.verdict;
    const hasChanged = before.status !== status || before.reason !== reason;
    const hasDetails = before.details !== details && JSON.stringify(before.details) !== JSON.stringify(details);
    if (reading !== null || hasChanged || hasDetails) this.onJudged({ componentId, atMs, reading, before, standing, nextProbeAtMs });
    if (hasChanged) for (const other of this.posts.values()) if (other.follows.includes(componentId)) this.summon(other);
  }

  private isDoubted(post: Post, reading: Reading | null, nowMs: number): boolean {
    const since = (one: Post): number | null => one.standing.memory.failingSinceMs;
    const own = reading === null ? since(post) : reading.ok ? null : (since(post) ?? nowMs);
    const all = [...this.posts.values()].map((one) => (one === post ? own : since(one)));
    return isDoubted(own, all, nowMs, this.parts.policy);
  }

  private rest(post: Post, untilMs: number): void {
    post.callOff();
    post.nextProbeAtMs = untilMs;
    post.callOff = this.parts.clock.after(Math.max(0, untilMs - this.parts.clock.wallMs()), () => this.summon(post));
  }

  /** What time it is. Where the clock was set back meanwhile, what is remembered goes with it: it is as long ago as before. */
  private wallMs(): number {
    const { clock } = this.parts;
    const now = { wallMs: clock.wallMs(), nowMs: clock.nowMs() };
    const backMs = this.clocks.wallMs + (now.nowMs - this.clocks.nowMs) - now.wallMs;
    if (backMs > SET_BACK_MS) for (const post of this.posts.values()) post.standing = earlier(post.standing, backMs);
    this.clocks = now;
    return now.wallMs;
  }

  private sweep(): void {
    const nowMs = this.wallMs();
    for (const post of this.posts.values()) this.report(post, this.judge(post, null, nowMs), null, nowMs);
    this.stopSweeping = this.parts.clock.after(SWEEP_MS, () => this.sweep());
  }
}
