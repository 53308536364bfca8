import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { about, held, registered, removed, suspended, verified } from '../../../../testing/index.js';
import { PeerKeyPinned } from '../../events/index.js';
import { pinFirstKey, pinPeerKey } from './pin-peer-key.decide.js';

const { public_key, key_fingerprint: fingerprint } = PeerKeyPinned.example;
const pinned = newEvent(PeerKeyPinned, { ...about, public_key, key_fingerprint: fingerprint });
const other = { public_key: 'B'.repeat(43), fingerprint: '0000-1111-2222-3333-4444-5555-6666-7777' };
const pinnedOther = newEvent(PeerKeyPinned, { ...about, public_key: other.public_key, key_fingerprint: other.fingerprint });

describe('pin-first-key', () => {
  const { given } = decider(pinFirstKey);
  const shown = { ...about, public_key, fingerprint };
  it('pins the first key of a verified peer', () => given(registered, verified).when(shown).then(pinned));
  it('pins it once', () => given(registered, verified, pinned).when(shown).then());
  it('does not replace a key that is pinned', () => given(registered, verified, pinnedOther).when(shown).then());
  it.each([
    ['that is not verified yet', [registered]],
    ['that is suspended', [registered, verified, suspended]],
    ['that is held', [registered, verified, held]],
    ['that was removed', [registered, removed]],
    ['that nobody registered', []],
  ])('pins no key of a peer %s', (_which, facts) =>
    given(...facts)
      .when(shown)
      .then(),
  );
});

describe('pin-peer-key', () => {
  const { given } = decider(pinPeerKey);
  const asked = { ...about, fingerprint: other.fingerprint, shown: other };
  it('replaces the pinned key by the one that the peer shows', () => given(registered, verified, pinned).when(asked).then(pinnedOther));
  it('pins a key also where none is pinned', () => given(registered, verified).when(asked).then(pinnedOther));
  it('writes nothing for the key that is pinned, whatever is shown', () =>
    given(registered, verified, pinnedOther)
      .when({ ...asked, shown: null })
      .then());
  it('refuses a fingerprint other than that of the key shown', () =>
    given(registered, verified, pinned)
      .when({ ...asked, fingerprint: 'ffff-1111-2222-3333-4444-5555-6666-7777' })
      .refused('federation.key-differs'));
  it('refuses while the peer shows no key that it proves', () =>
    given(registered, verified, pinned)
      .when({ ...asked, shown: null })
      .refused('federation.key-not-shown'));
  it.each([
    ['nobody registered', []],
    ['that was removed', [registered, removed]],
  ])('refuses a peer %s', (_which, facts) =>
    given(...facts)
      .when(asked)
      .refused('federation.peer-unknown'),
  );
});
