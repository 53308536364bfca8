import { IsIn, IsOptional } from 'class-validator';
import type { RequestReply } from '@app/event-store';
import { IsText } from '@app/kernel';
import type { Unit } from './parking.js';
import type { ProjectorReport } from './projector-report.js';
import type { Projector } from './projector.js';

/** Asked of every process that keeps read models. */
export const PROJECTION_REQUEST = 'read-store.projection';

/** What one projector is asked for. Without `unit` a retry is of everything that is parked. */
export class ProjectionAsked {
  @IsIn(['report', 'retry', 'rebuild']) readonly what: 'report' | 'retry' | 'rebuild';

  @IsText(64) readonly table: string;

  @IsOptional() @IsIn(['row', 'subject']) readonly unit?: Unit['unit'];

  @IsOptional() @IsText(4_096) readonly value?: string;
}

/** What a projector answers: its report after what was asked, or the code and the words of what stopped that. */
export type ProjectionAnswered =
  | { readonly report: ProjectorReport; readonly released: number; readonly parked: number }
  | { readonly code: string; readonly detail: string };

/** Answers for the projectors of this process from now on; returns how to stop. One that only stands by leaves it to the others. */
export const answerForProjectors = (rpc: RequestReply, projectors: readonly Projector[]): (() => void) =>
  rpc.answer(PROJECTION_REQUEST, ProjectionAsked, async (asked) => answerOf(projectors, asked), { sole: false });

async function answerOf(projectors: readonly Projector[], asked: ProjectionAsked): Promise<ProjectionAnswered | undefined> {
  const projector = projectors.find(({ fold }) => fold.table === asked.table);
  if (projector === undefined || ['standby', 'stopped', 'starting'].includes(projector.report().state)) return undefined;
  try {
    const done = await carryOut(projector, asked);
    return { report: projector.report(), ...done };
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    return { code: typeof code === 'string' ? code : 'read-store.failed', detail: message ?? String(error) };
  }
}

async function carryOut(projector: Projector, { what, unit, value }: ProjectionAsked): Promise<{ released: number; parked: number }> {
  if (what === 'rebuild') await projector.startRebuild();
  if (what !== 'retry') return { released: 0, parked: 0 };
  const units = unit === undefined || value === undefined ? undefined : [{ unit, value }];
  const { released, parked } = await projector.retry(units);
  return { released, parked };
}
