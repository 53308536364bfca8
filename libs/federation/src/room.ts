import type { AnyFold } from '@app/kernel';
import { CallRecorder } from './calls/call-recorder.provider.js';
import { OrphanSweep } from './calls/orphan-sweep.provider.js';
import { AskFederation } from './ask-federation.provider.js';
import * as events from './events/index.js';
import { linkProviders } from './link-providers.js';
import { FederationLinkDoor } from './link/link-door.provider.js';
import { FAULTS } from './hop/faults.js';
import { Cards } from './hop/cards.provider.js';
import { ClientDoor } from './hop/client-door.provider.js';
import { PeerDoor } from './hop/peer-door.provider.js';
import { Relay } from './hop/relay.provider.js';
import { HopSockets } from './hop/sockets.provider.js';
import { RouteBook } from './live/route-book.provider.js';
import { holds } from './holds.js';
import { outboundGuard } from './outbound.provider.js';
import { PeerSecret } from './private/peer-secret.entity.js';
import { PeerSecret1767225600000 } from './private/peer-secret.migration.js';
import { PeerSecrets } from './private/peer-secrets.provider.js';
import { SecretSweep } from './private/secret-sweep.provider.js';
import { CallLogController } from './read/call-log/call-log.controller.js';
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
import { AddRouteController } from './write/add-route/add-route.controller.js';
import { EditPeerController } from './write/edit-peer/edit-peer.controller.js';
import { SuspensionSweep } from './write/end-suspension/suspension-sweep.provider.js';
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
const HOP = [RouteBook, CallRecorder, OrphanSweep, HopSockets, Cards, Relay] as const;

/** The room's door: plain objects and nothing that runs. Each process takes only its part. */
export const federation = {
  events, //                                          who folds, projects or lists them
  refusals, //                                        who answers with them
  problems: FAULTS, //                                and what the hop says for itself
  projections: [peerDirectory, peerEvaluated, peerLatest, peerCalls, callLog, routeDirectory] as readonly AnyFold[], //                    the projector
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
    TestPeerController,
    RetryPeerController,
    CallLogController,
    CallController,
    RouteDirectoryController,
    AddRouteController,
    RemoveRouteController,
    ReleaseRouteController,
    TestRouteController,
  ], //                                               the API
  providers: [outboundGuard, PeerSecrets, AskFederation, SecretSweep, SuspensionSweep], // what those need; `FederationOptions` and `SecretBox` are given
  publicProviders: [...linkProviders, ...HOP], //      the process that speaks with peers; `FactFeed` and `CallLog` are given
  doors: [FederationLinkDoor, PeerDoor, ClientDoor], //                                       its routes, beside the API's
  sweeps: [SecretSweep, SuspensionSweep], //          whoever owns the room's deadlines: `run(now)` every `everyMs`
  entities: [PeerSecret], //                          the set-up
  migrations: [PeerSecret1767225600000], //           the set-up
} as const;
