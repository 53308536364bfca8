import { InstanceKeys, ownKey } from './key/instance-keys.provider.js';
import { KeyMaker } from './key/key-maker.provider.js';
import { Boot } from './link/boot.provider.js';
import { PeerGate } from './link/gate.provider.js';
import { Knocks } from './link/knocks.provider.js';
import { LinkClient } from './link/link-client.provider.js';
import { LinkTiming } from './link/link-timing.js';
import { OwnRequests } from './link/own-requests.provider.js';
import { ProvenRefusals } from './link/proven-refusals.provider.js';
import { RefusalExplainer } from './link/refusal-explainer.provider.js';
import { ShownKeys } from './link/shown-keys.provider.js';
import { CallCounters } from './live/call-counters.provider.js';
import { LinkAnswers } from './live/link-answers.provider.js';
import { LinkJournal } from './live/link-journal.provider.js';
import { LinkKeeper } from './live/link-keeper.provider.js';
import { PeerBook } from './live/peer-book.provider.js';
import { StatusScribe } from './live/status-scribe.provider.js';
import { outboundGuard } from './outbound.provider.js';
import { InstanceKeyRows } from './private/instance-key-rows.provider.js';
import { PeerSecrets } from './private/peer-secrets.provider.js';

/** What tells a process the key of this instance. `DataSource` is given, and `SecretBox` where the process may sign. */
export const instanceKeyProviders = [InstanceKeyRows, InstanceKeys, ownKey] as const;

/** What keeps the links to peers, in the process that speaks with them. */
export const linkProviders = [
  ...instanceKeyProviders,
  KeyMaker,
  ShownKeys,
  outboundGuard,
  PeerSecrets,
  PeerBook,
  PeerGate,
  Knocks,
  Boot,
  LinkTiming,
  OwnRequests,
  ProvenRefusals,
  RefusalExplainer,
  LinkClient,
  LinkJournal,
  StatusScribe,
  CallCounters,
  LinkKeeper,
  LinkAnswers,
] as const;
