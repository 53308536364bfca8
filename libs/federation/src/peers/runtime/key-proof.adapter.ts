import { type InstanceKey, isSignedText, keyFingerprint } from '@app/config';

/** What a message of the link says of the key of its sender; absent: of an older release, or it has no key. */
export interface SaidKey {
  readonly instance_key?: string | null | undefined;
  readonly key_signature?: string | null | undefined;
}

/** The message whose key it is. `nonce`: of the request; an answer has that of the request it answers. */
export interface ProofOf {
  readonly from: string;
  readonly to: string;
  readonly nonce: string;
  readonly kind: 'ask' | 'answer';
}

/**
 * What a peer shows of its key. `proven`: it signed this very message, so it holds the private half. `unproven`: it names a key and the
 * signature is not that of the key.
 */
export type ShownKey =
  { readonly kind: 'none' } | { readonly kind: 'proven' | 'unproven'; readonly public_key: string; readonly fingerprint: string };

/** Both instances, the request and its direction are signed: a proof holds for no other peer, no other request, and not for its echo. */
const textOf = (publicKey: string, { from, to, nonce, kind }: ProofOf): string =>
  ['cb-fed-key-v1', kind, from, to, nonce, publicKey].join('\n');

/** Our key and its proof, for a message; empty while this process cannot sign. */
export function saidKey(key: Pick<InstanceKey, 'publicKey' | 'sign'>, of: ProofOf): SaidKey {
  const { publicKey } = key;
  const key_signature = publicKey === null ? null : key.sign(textOf(publicKey, of));
  return publicKey === null || key_signature === null ? {} : { instance_key: publicKey, key_signature };
}

export function shownKey({ instance_key, key_signature }: SaidKey, of: ProofOf): ShownKey {
  if (typeof instance_key !== 'string') return { kind: 'none' };
  const isProven = /^[A-Za-z0-9_-]{43}$/.test(instance_key) && isSignedText(instance_key, textOf(instance_key, of), key_signature ?? '');
  return { kind: isProven ? 'proven' : 'unproven', public_key: instance_key, fingerprint: keyFingerprint(instance_key) };
}
