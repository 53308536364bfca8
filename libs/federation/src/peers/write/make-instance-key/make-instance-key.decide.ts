import { type Decider, newEvent } from '@app/kernel';
import { InstanceKeyMade } from '../../events/index.js';
import { type MadeKey, instanceKey } from '../../instance-key.stream.js';

/** A key whose private half is kept already. `replaces`: the key that an operator gives up; null: there is none, and none is given up. */
export type MakeInstanceKey = InstanceKeyMade & { readonly replaces: string | null };

/** Of two that make a first key at once, or replace the same one, the second changes nothing. */
export const makeInstanceKey: Decider<MadeKey, MakeInstanceKey, typeof InstanceKeyMade> = {
  on: ({ instance_id }) => instanceKey.of(instance_id),
  decide: (key, { data: { replaces, ...made } }) => ((key?.key_id ?? null) === replaces ? [newEvent(InstanceKeyMade, made)] : []),
};
