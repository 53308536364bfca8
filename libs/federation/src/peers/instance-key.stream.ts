import { streamOf } from '@app/kernel';
import * as events from './events/index.js';

/** The key that an instance has; null: none was made. */
export type MadeKey = Readonly<{ key_id: string; public_key: string; key_fingerprint: string }> | null;

/** The key of this instance: one stream, of which the last fact counts. */
export const instanceKey = streamOf('federation.instance-key', events).folds<MadeKey>({
  initial: null,
  evolve: {
    'federation.instance-key.made': (_key, { data: { key_id, public_key, key_fingerprint } }) => ({ key_id, public_key, key_fingerprint }),
  },
});
