import type { AnyFold } from '@app/kernel';
import { CallRecorder } from './calls/runtime/call-recorder.provider.js';
import { OrphanedCallsJob } from './calls/runtime/orphaned-calls.job.js';
import { AgentCheckClient } from './routing/agent-check-client.provider.js';
import { LinkRpcClient } from './peers/link-rpc-client.provider.js';
import * as events from './events/index.js';
import { instanceKeyProviders, linkProviders } from './peers/link-providers.js';
import { LinkEndpoint } from './peers/runtime/link.endpoint.js';
import { FAULTS } from './proxy/runtime/faults.js';
import { AgentSources } from './proxy/runtime/agent-sources.provider.js';
import { CardRecords } from './proxy/runtime/card-records.provider.js';
import { Cards } from './proxy/runtime/cards.provider.js';
import { ClientEndpoint } from './proxy/runtime/client.endpoint.js';
import { PeerEndpoint } from './proxy/runtime/peer.endpoint.js';
import { CallProxy } from './proxy/runtime/call-proxy.provider.js';
import { AgentSockets, ProxySockets } from './proxy/runtime/sockets.provider.js';
import { AgentAnswers } from './proxy/runtime/agent-answers.provider.js';
import { AgentCredentials } from './routing/runtime/agent-credentials.provider.js';
import { RoutingTable } from './routing/runtime/routing-table.provider.js';
import { holds } from './holds.js';
import { outboundGuard, targetGuard } from './outbound.provider.js';
import { UnusedCredentialsJob } from './routing/private/unused-credentials.job.js';
import { InstanceKeyRow } from './peers/private/instance-key.entity.js';
import { InstanceKey1796083200000 } from './peers/private/instance-key.migration.js';
import { PeerSecret } from './peers/private/peer-secret.entity.js';
import { PeerSecret1767225600000 } from './peers/private/peer-secret.migration.js';
import { PeerSecrets } from './peers/private/peer-secrets.provider.js';
import { RouteCredentialRow } from './routing/private/route-credential.entity.js';
import { RouteCredential1782864000000 } from './routing/private/route-credential.migration.js';
import { RouteCredentials } from './routing/private/route-credentials.provider.js';
import { UnusedSecretsJob } from './peers/private/unused-secrets.job.js';
import { CallLogController } from './calls/read/call-log/call-log.controller.js';
import { callCallers } from './calls/read/call-callers/call-callers.projection.js';
import { callLog } from './calls/read/call-log/call-log.projection.js';
import { CallController } from './calls/read/call-log/call.controller.js';
import { peerCalls } from './calls/read/peer-calls/peer-calls.projection.js';
import { PeerDirectoryController } from './peers/read/peer-directory/peer-directory.controller.js';
import { peerDirectory } from './peers/read/peer-directory/peer-directory.projection.js';
import { peerEvaluated } from './peers/read/peer-directory/peer-evaluated.rollup.js';
import { peerLatest } from './peers/read/peer-directory/peer-latest.rollup.js';
import { RouteDirectoryController } from './routing/read/route-directory/route-directory.controller.js';
import { routeDirectory } from './routing/read/route-directory/route-directory.projection.js';
import { refusals } from './refusals.js';
import { RouteParts } from './routing/route-parts.provider.js';
import { AddRouteController } from './routing/write/add-route/add-route.controller.js';
import { EditPeerController } from './peers/write/edit-peer/edit-peer.controller.js';
import { EditRouteController } from './routing/write/edit-route/edit-route.controller.js';
import { EndSuspensionsJob } from './peers/write/end-suspension/end-suspensions.job.js';
import { MoveRouteController } from './routing/write/move-route/move-route.controller.js';
import { PinPeerKeyController } from './peers/write/pin-peer-key/pin-peer-key.controller.js';
import { RegisterPeerController } from './peers/write/register-peer/register-peer.controller.js';
import { ReleasePeerController } from './peers/write/release-peer/release-peer.controller.js';
import { ReleaseRouteController } from './routing/write/release-route/release-route.controller.js';
import { RemovePeerController } from './peers/write/remove-peer/remove-peer.controller.js';
import { RemoveRouteController } from './routing/write/remove-route/remove-route.controller.js';
import { ResumePeerController } from './peers/write/resume-peer/resume-peer.controller.js';
import { RetryPeerController } from './peers/write/retry-peer/retry-peer.controller.js';
import { SuspendPeerController } from './peers/write/suspend-peer/suspend-peer.controller.js';
import { TestPeerController } from './peers/write/test-peer/test-peer.controller.js';
import { TestRouteController } from './routing/write/test-route/test-route.controller.js';

/** What takes calls through; `CallerCheck` is given. */
const PROXY = [
  ...[RoutingTable, CallRecorder, OrphanedCallsJob, ProxySockets, Cards, CardRecords, CallProxy],
  ...[targetGuard, RouteCredentials, AgentCredentials, AgentSockets, AgentSources, AgentAnswers],
] as const;

/** The context's definition: plain objects and nothing that runs. Each process takes only its part. */
export const federation = {
  events, //                                          who folds, projects or lists them
  refusals, //                                        who answers with them
  problems: FAULTS, //                                and what the hop says for itself
  projections: [peerDirectory, peerEvaluated, peerLatest, peerCalls, callLog, callCallers, routeDirectory] as readonly AnyFold[], //                    the projector
  holds, //                                           an accept of the log
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
    ...[outboundGuard, targetGuard, PeerSecrets, RouteCredentials, RouteParts, AgentCheckClient, LinkRpcClient],
    ...[UnusedSecretsJob, UnusedCredentialsJob, EndSuspensionsJob],
  ], // what those need; `FederationOptions` and `SecretBox` are given
  publicProviders: [...linkProviders, ...PROXY], //      the process that speaks with peers; `EventSubscription` and `CallLog` are given
  instanceKeyProviders, //                             another process that shows the key of this instance
  endpoints: [LinkEndpoint, PeerEndpoint, ClientEndpoint], //                                       its routes, beside the API's
  jobs: [UnusedSecretsJob, UnusedCredentialsJob, EndSuspensionsJob], //          whoever owns the room's deadlines: `run(now)` every `everyMs`
  entities: [PeerSecret, RouteCredentialRow, InstanceKeyRow], //                          the set-up
  migrations: [PeerSecret1767225600000, RouteCredential1782864000000, InstanceKey1796083200000], //           the set-up
} as const;
