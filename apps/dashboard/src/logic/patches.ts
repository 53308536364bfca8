import type { Answer, Component, EdgeAgent, LiveSection, Patch, Peer, RowRecord } from '../contract.js';

/** Each section's rows by their own name for an id. */
export type RowOf = { federation: Peer; edge: EdgeAgent; services: Component };

export const idOf = (row: RowRecord): string => ('peer_id' in row ? row.peer_id : 'agent_id' in row ? row.agent_id : row.component_id);

/** An archived agent is in no list but that of the archived. */
export const isArchived = (row: RowRecord): boolean => 'archived_at' in row && row.archived_at !== null;

/** The answer as it is after `patches` of its section: replaced in place, added at the end, or gone. The same answer where nothing is its. */
export function patched<S extends LiveSection>(
  answer: Answer<RowOf[S][]>,
  section: S,
  patches: readonly Patch[],
  isListed: (row: RowRecord) => boolean = (row) => !isArchived(row),
): Answer<RowOf[S][]> {
  const own = patches.filter((patch) => patch.section === section);
  if (own.length === 0) return answer;
  const rows = new Map<string, RowRecord>(answer.data.map((row) => [idOf(row), row]));
  for (const { id, data } of own) {
    if (data === null || !isListed(data)) rows.delete(id);
    else rows.set(id, data);
  }
  return { ...answer, position: own.at(-1)!.position, data: [...rows.values()] as RowOf[S][] };
}

/**
 * A list that was asked for before a patch arrived may be answered from before it; shown as it is, the row would fall back and
 * stay so until its next change. So what arrives while a question is open is put onto the answer again. The stream is in
 * order: should the answer be the newer one, its patch follows.
 */
export class PatchLog {
  private readonly open = new Set<Patch[]>();

  heard(patches: readonly Patch[]): void {
    for (const during of this.open) during.push(...patches);
  }

  async during<T>(ask: () => Promise<T>, apply: (answer: T, patches: readonly Patch[]) => T): Promise<T> {
    const patches: Patch[] = [];
    this.open.add(patches);
    try {
      return apply(await ask(), patches);
    } finally {
      this.open.delete(patches);
    }
  }
}
