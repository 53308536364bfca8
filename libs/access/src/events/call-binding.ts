import { IsIn } from 'class-validator';
import { IsId, IsNullable } from '@app/kernel';
import { IsAgentName } from '../../../federation/src/routing/events/agent-name.js';
import type { MethodClass, PeerId } from '../../../federation/src/events/index.js';
import { METHOD_CLASSES } from '../../../federation/src/routing/events/method-class.js';

/** Most bindings of one token. */
export const MAX_BINDINGS = 32;

/** One kind of calls that a token may make. null matches everything. */
export class CallBinding {
  @IsNullable() @IsId() readonly peer_id: PeerId | null;

  @IsNullable() @IsAgentName() readonly agent: string | null;

  @IsNullable() @IsIn(METHOD_CLASSES) readonly method_class: MethodClass | null;
}

export const ANY_CALL: CallBinding = { peer_id: null, agent: null, method_class: null };

/** The bindings of a token that names none: operators and admins make any call, viewers none. */
export const bindingsOfRole = (role: string): readonly CallBinding[] => (role === 'operator' || role === 'admin' ? [ANY_CALL] : []);
