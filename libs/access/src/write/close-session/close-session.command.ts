import { IsId } from '@app/kernel';
import type { SessionId } from '../../events/index.js';

/** Somebody signs out. The guard knows from which session; nobody names one. */
export class CloseSession {
  @IsId() readonly session_id: SessionId;
}
