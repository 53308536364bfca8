import { InstanceKeys, ownKey } from './runtime/instance-keys.provider.js';
import { KeyMaker } from './runtime/key-maker.provider.js';
import { Boot } from './runtime/boot.provider.js';
import { PeerGate } from './runtime/gate.provider.js';
import { Knocks } from './runtime/knocks.provider.js';
import { LinkClient } from './runtime/link-client.provider.js';
import { LinkTiming } from './runtime/link-timing.js';
import { OwnRequests } from './runtime/own-requests.provider.js';
import { ProvenRefusals } from './runtime/proven-refusals.provider.js';
import { RefusalExplainer } from './runtime/refusal-explainer.provider.js';
import { ShownKeys } from './runtime/shown-keys.provider.js';
import { CallCounters } from './runtime/call-counters.provider.js';
import { LinkAnswers } from './runtime/link-answers.provider.js';
import { LinkJournal } from './runtime/link-journal.provider.js';
import { LinkKeeper } from './runtime/link-keeper.provider.js';
import { PeerBook } from './runtime/peer-book.provider.js';
import { StatusScribe } from './runtime/status-scribe.provider.js';
import { outboundGuard } from '../outbound.provider.js';
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
