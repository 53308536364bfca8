/** How long a key is remembered, ms. */
export const REMEMBERED_MS = 660_000;

/** The bucket of the keys: a key-value bucket is a stream by this name, whatever client looks at it. */
export const NONCE_BUCKET = 'ONCE';

/** Tells the first from a repetition, over all processes and through restarts: for nonces. */
export abstract class NonceStore {
  /** Whether nobody asked with this key for `REMEMBERED_MS`. Throws `LogUnavailable`: who cannot be told must refuse. */
  abstract first(key: string): Promise<boolean>;
}
