/**
 * Two lines in front of one endpoint. Whoever waits in the fast one goes first. Of one agent nothing overtakes what came before it: who
 * joins the fast line takes along what waits for the same agent in the slow one.
 */
export class PriorityQueue {
  private readonly fast: (() => void)[] = [];
  private readonly slow = new Map<string, (() => void)[]>();

  /** Resolves when it is its turn. */
  wait(agentId: string, isFast: boolean): Promise<void> {
    return new Promise((go) => {
      const before = this.slow.get(agentId) ?? [];
      if (!isFast) return void this.slow.set(agentId, [...before, go]);
      this.slow.delete(agentId);
      this.fast.push(...before, go);
    });
  }

  /** Whose turn it is, who waits no more; undefined: nobody waits. */
  next(): (() => void) | undefined {
    if (this.fast.length > 0) return this.fast.shift();
    for (const [agentId, [first, ...rest]] of this.slow) {
      if (rest.length > 0) this.slow.set(agentId, rest);
      else this.slow.delete(agentId);
      return first;
    }
    return undefined;
  }
}
