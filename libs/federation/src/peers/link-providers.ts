import { InstanceKeys, ownKey } from './runtime/instance-keys.provider.js';
import { KeyMaker } from './runtime/key-maker.provider.js';
import { Boot } from './runtime/boot.provider.js';
import { RequestAuthenticator } from './runtime/request-authenticator.provider.js';
import { RejectedHandshakes } from './runtime/rejected-handshakes.provider.js';
import { LinkClient } from './runtime/link-client.provider.js';
import { LinkTiming } from './runtime/link-timing.js';
import { OwnRequests } from './runtime/own-requests.provider.js';
import { ProvenRefusals } from './runtime/proven-refusals.provider.js';
import { RefusalExplainer } from './runtime/refusal-explainer.provider.js';
import { ShownKeys } from './runtime/shown-keys.provider.js';
import { CallCounters } from './runtime/call-counters.provider.js';
import { LinkAnswers } from './runtime/link-answers.provider.js';
import { HeartbeatLog } from './runtime/heartbeat-log.provider.js';
import { LinkSupervisor } from './runtime/link-supervisor.provider.js';
import { PeerCache } from './runtime/peer-cache.provider.js';
import { PeerStatusWriter } from './runtime/peer-status-writer.provider.js';
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
  PeerCache,
  RequestAuthenticator,
  RejectedHandshakes,
  Boot,
  LinkTiming,
  OwnRequests,
  ProvenRefusals,
  RefusalExplainer,
  LinkClient,
  HeartbeatLog,
  PeerStatusWriter,
  CallCounters,
  LinkSupervisor,
  LinkAnswers,
] as const;
