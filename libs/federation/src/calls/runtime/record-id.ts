import { parse, v5 } from 'uuid';
import type { InstanceIdentity } from '@app/event-store';
import type { OpenCall } from './call.js';

/** Any UUID that no other program makes ids of. */
const CALLS = parse('6f0a4b53-6a4e-4b39-a0c6-2d5f1f6c0e17');

/** By what the log knows it again that `type` was said of a call: whoever says it, and however often. */
export const recordId = ({ instance_id }: InstanceIdentity, call: Omit<OpenCall, 'actor'>, type: string): string =>
  v5(Buffer.from([instance_id, call.direction, call.peer_id, call.call_id, call.record_id, type].join('\n')), CALLS);
