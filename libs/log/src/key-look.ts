/** The key of this instance, as this process finds it. `standing`: see `KeyState` of the federation context. */
export interface KeyObservation {
  readonly state: 'unread' | 'unmade' | 'ready' | 'missing' | 'sealed';
  /** null: no key is known. */
  readonly fingerprint: string | null;
}

/** Looks at the key of this instance. */
export abstract class KeyLook {
  /** Throws what the database throws. */
  abstract look(): Promise<KeyObservation>;
}
