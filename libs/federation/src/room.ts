import type { AnyFold } from '@app/kernel';
import { CallRecorder } from './calls/call-recorder.provider.js';
import { OrphanSweep } from './calls/orphan-sweep.provider.js';
import { AskFederation } from './ask-federation.provider.js';
import * as events from './events/index.js';
import { instanceKeyProviders, linkProviders } from './link-providers.js';
import { FederationLinkDoor } from './link/link-door.provider.js';
import { FAULTS } from './hop/faults.js';
import { AgentSources } from './hop/agent-sources.provider.js';
import { CardRecords } from './hop/card-records.provider.js';
import { Cards } from './hop/cards.provider.js';
import { ClientDoor } from './hop/client-door.provider.js';
import { PeerDoor } from './hop/peer-door.provider.js';
import { Relay } from './hop/relay.provider.js';
import { AgentSockets, HopSockets } from './hop/sockets.provider.js';
import { AgentAnswers } from './live/agent-answers.provider.js';
import { AgentCredentials } from './live/agent-credentials.provider.js';
import { RouteBook } from './live/route-book.provider.js';
import { holds } from './holds.js';
import { outboundGuard, targetGuard } from './outbound.provider.js';
import { CredentialSweep } from './private/credential-sweep.provider.js';
import { InstanceKeyRow } from './private/instance-key.entity.js';
import { InstanceKey1796083200000 } from './private/instance-key.migration.js';
import { PeerSecret } from './private/peer-secret.entity.js';
import { PeerSecret1767225600000 } from './private/peer-secret.migration.js';
import { PeerSecrets } from './private/peer-secrets.provider.js';
import { RouteCredentialRow } from './private/route-credential.entity.js';
import { RouteCredential1782864000000 } from './private/route-credential.migration.js';
import { RouteCredentials } from './private/route-credentials.provider.js';
import { SecretSweep } from './private/secret-sweep.provider.js';
import { CallLogController } from './read/call-log/call-log.controller.js';
import { callCallers } from './read/call-callers/call-callers.projection.js';
import { callLog } from './read/call-log/call-log.projection.js';
import { CallController } from './read/call-log/call.controller.js';
import { peerCalls } from './read/peer-calls/peer-calls.projection.js';
import { PeerDirectoryController } from './read/peer-directory/peer-directory.controller.js';
import { peerDirectory } from './read/peer-directory/peer-directory.projection.js';
import { peerEvaluated } from './read/peer-directory/peer-evaluated.rollup.js';
import { peerLatest } from './read/peer-directory/peer-latest.rollup.js';
import { RouteDirectoryController } from './read/route-directory/route-directory.controller.js';
import { routeDirectory } from './read/route-directory/route-directory.projection.js';
import { refusals } from './refusals.js';
import { RouteParts } from './route-parts.provider.js';
import { AddRouteController } from './write/add-route/add-route.controller.js';
import { EditPeerController } from './write/edit-peer/edit-peer.controller.js';
import { EditRouteController } from './write/edit-route/edit-route.controller.js';
import { SuspensionSweep } from './write/end-suspension/suspension-sweep.provider.js';
import { MoveRouteController } from './write/move-route/move-route.controller.js';
import { PinPeerKeyController } from './write/pin-peer-key/pin-peer-key.controller.js';
import { RegisterPeerController } from './write/register-peer/register-peer.controller.js';
import { ReleasePeerController } from './write/release-peer/release-peer.controller.js';
import { ReleaseRouteController } from './write/release-route/release-route.controller.js';
import { RemovePeerController } from './write/remove-peer/remove-peer.controller.js';
import { RemoveRouteController } from './write/remove-route/remove-route.controller.js';
import { ResumePeerController } from './write/resume-peer/resume-peer.controller.js';
import { RetryPeerController } from './write/retry-peer/retry-peer.controller.js';
import { SuspendPeerController } from './write/suspend-peer/suspend-peer.controller.js';
import { TestPeerController } from './write/test-peer/test-peer.controller.js';
import { TestRouteController } from './write/test-route/test-route.controller.js';

/** What takes calls through; `CallerCheck` is given. */
const HOP = [
  ...[RouteBook, CallRecorder, OrphanSweep, HopSockets, Cards, CardRecords, Relay],
  ...[targetGuard, RouteCredentials, AgentCredentials, AgentSockets, AgentSources, AgentAnswers],
] as const;

/** The room's door: plain objects and nothing that runs. Each process takes only its part. */
export const federation = {
  events, //                                          who folds, projects or lists them
  refusals, //                                        who answers with them
  problems: FAULTS, //                                and what the hop says for itself
  projections: [peerDirectory, peerEvaluated, peerLatest, peerCalls, callLog, callCallers, routeDirectory] as readonly AnyFold[], //                    the projector
  holds, //                                           an accept of the log
  reactions: [], //                                   the reactor
  resources: ['peers', 'routes', 'calls'], //                            the roots of its routes, no other room's
  controllers: [
    PeerDirectoryController,
    RegisterPeerController,
    EditPeerController,
    SuspendPeerController,
    ResumePeerController,
    RemovePeerController,
    ReleasePeerController,
    PinPeerKeyController,
    TestPeerController,
    RetryPeerController,
    CallLogController,
    CallController,
    RouteDirectoryController,
    AddRouteController,
    EditRouteController,
    MoveRouteController,
    RemoveRouteController,
    ReleaseRouteController,
    TestRouteController,
  ], //                                               the API
  providers: [
    ...[outboundGuard, targetGuard, PeerSecrets, RouteCredentials, RouteParts, AskFederation],
    ...[SecretSweep, CredentialSweep, SuspensionSweep],
  ], // what those need; `FederationOptions` and `SecretBox` are given
  publicProviders: [...linkProviders, ...HOP], //      the process that speaks with peers; `FactFeed` and `CallLog` are given
  instanceKeyProviders, //                             another process that shows the key of this instance
  doors: [FederationLinkDoor, PeerDoor, ClientDoor], //                                       its routes, beside the API's
  sweeps: [SecretSweep, CredentialSweep, SuspensionSweep], //          whoever owns the room's deadlines: `run(now)` every `everyMs`
  entities: [PeerSecret, RouteCredentialRow, InstanceKeyRow], //                          the set-up
  migrations: [PeerSecret1767225600000, RouteCredential1782864000000, InstanceKey1796083200000], //           the set-up
} as const;
