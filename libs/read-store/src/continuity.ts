import type { AnyFold } from '@app/kernel';
import { LogGap, LogRewound, type KeptStream, type LogGate } from '@app/event-store';
import type { Checkpoint, ModelWriter } from './model-writer.js';
import { KEPT_IN, streamOf } from './streams-read.js';

/** Closes the stream for every process when a reader found a gap in it, and asks for a check when it found another history. */
export function reportBrokenLog(gate: LogGate, stream: KeptStream, checkpoint: Readonly<Checkpoint>, error: unknown): void {
  if (error instanceof LogGap)
    gate.trip({ stream, code: 'log.gap', detail: `${stream} lacks the message ${error.missing}`, end: error.missing - 1 });
  if (!(error instanceof LogRewound) || checkpoint.incarnation !== gate.incarnationOf(stream)) return;
  gate.note(stream, checkpoint.position);
  gate.suspect(stream);
}

/**
 * Checkpoint from which a model goes on. A roll-up whose stream lost its end goes on where the stream does; what it counted of that end
 * stays counted.
 */
export async function resumed(
  fold: AnyFold,
  writer: ModelWriter,
  gate: LogGate,
  warn: (words: string) => void,
): Promise<Readonly<Checkpoint>> {
  const stream = KEPT_IN[streamOf(fold)];
  const { position: before, incarnation } = writer.place;
  if (fold.kind !== 'rollup' || incarnation === gate.incarnationOf(stream)) return writer.place;
  const position = Math.min(before, gate.beginOf(stream));
  await writer.resume(position, gate.incarnationOf(stream));
  warn(`${fold.table} continues after ${position}; ${Math.max(0, before - position)} measurements it counted are in ${stream} no more`);
  return writer.place;
}
