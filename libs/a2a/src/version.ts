export type ProtocolVersion = '1.0' | '0.3';

/** How methods are spelt since 1.0. */
const PASCAL = /^[A-Z][A-Za-z]*$/;

/**
 * The `A2A-Version` that has to be added for the request to mean what its sender meant; null: none.
 *
 * Without the header a request means 0.3, which has no such method as `SendMessage`. There are clients that speak 1.0 and leave it out
 * (OpenClaw's is one); agents would answer them that the version is not supported, or the method not found.
 */
export const versionToAdd = (header: string | undefined, method: string | null): ProtocolVersion | null =>
  (header ?? '') === '' && method !== null && PASCAL.test(method) ? '1.0' : null;

/** Which version a request is in, as far as it can be told: absent, the header means 0.3; null: one that is not known here. */
export function versionOf(header: string | undefined): ProtocolVersion | null {
  const text = (header ?? '').trim();
  if (text === '' || /^0\.\d+(\.\d+)?$/.test(text)) return '0.3';
  return /^1(\.\d+){0,2}$/.test(text) ? '1.0' : null;
}
