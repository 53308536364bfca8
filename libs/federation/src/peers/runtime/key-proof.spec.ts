import { type KeyPair, keyFingerprint, makeKeyPair } from '@app/config';
import { FixedKey } from '../../../testing/fixed-key.js';
import { type ProofOf, saidKey, shownKey } from './key-proof.adapter.js';
import { keyTrouble } from './key-trouble.js';

const mine = makeKeyPair();
const other = makeKeyPair();
const of: ProofOf = { from: 'inst-a', to: 'inst-b', nonce: 'n-1', kind: 'ask' };
const said = (pair: KeyPair | null = mine, about: ProofOf = of) => saidKey(new FixedKey(pair), about);
const proven = { kind: 'proven', public_key: mine.publicKey, fingerprint: keyFingerprint(mine.publicKey) } as const;
const unproven = { ...proven, kind: 'unproven' } as const;
const none = { kind: 'none' } as const;

it('proves a key for the message it was made for', () => {
  expect(shownKey(said(), of)).toEqual(proven);
});

it.each<[string, Partial<ProofOf>]>([
  ['another request', { nonce: 'n-2' }],
  ['an answer, when it was made for the question', { kind: 'answer' }],
  ['another sender', { from: 'inst-c' }],
  ['another receiver', { to: 'inst-c' }],
  ['its echo', { from: 'inst-b', to: 'inst-a' }],
])('does not prove it for %s', (_what, other) => {
  expect(shownKey(said(), { ...of, ...other })).toEqual(unproven);
});

it('does not prove the key of another with a signature of its own', () => {
  expect(shownKey({ ...said(other), instance_key: mine.publicKey }, of)).toEqual(unproven);
});

it.each([null, '', 'x', 'A'.repeat(86)])('takes a signature that is %j for no proof', (key_signature) => {
  expect(shownKey({ ...said(), key_signature }, of)).toEqual(unproven);
});

it('shows no key of an instance that has none, or cannot sign', () => {
  expect(said(null)).toEqual({});
  expect(saidKey({ publicKey: mine.publicKey, sign: () => null }, of)).toEqual({});
  expect(shownKey({}, of)).toEqual(none);
});

describe('keyTrouble', () => {
  const pinned = proven.fingerprint;
  const shown = { ...proven, fingerprint: keyFingerprint(other.publicKey) };
  it.each([
    ['the key that is pinned', pinned, proven, null],
    ['the first key', null, proven, null],
    ['no key, of an older release', null, none, null],
    ['nothing yet', pinned, null, null],
    ['another key than the pinned one', pinned, shown, { reason: 'key_changed', details: { shown: shown.fingerprint, pinned } }],
    ['no key where one is pinned', pinned, none, { reason: 'key_missing', details: { pinned } }],
    ['the pinned key without a proof', pinned, unproven, { reason: 'key_unproven', details: { shown: pinned, pinned } }],
    ['a first key without a proof', null, unproven, { reason: 'key_unproven', details: { shown: pinned } }],
  ] as const)('judges a peer that shows %s', (_what, is, shows, trouble) => {
    expect(keyTrouble(is, shows)).toEqual(trouble);
  });
});
