import { type AnyFold, Clock } from '@app/kernel';
import * as events from './events/index.js';
import { holds } from './holds.js';
import { AgentRecorder } from './runtime/agent-recorder.provider.js';
import { AgentWatch } from './runtime/agent-watch.provider.js';
import { LogWriter } from './runtime/log-writer.provider.js';
import { AgentRegistry } from './runtime/agent-registry.provider.js';
import { JoinToken1770508800000 } from './private/join-token.migration.js';
import { JoinTokenRow } from './private/join-token.entity.js';
import { JoinTokensJob } from './private/join-tokens.job.js';
import { JoinTokens } from './private/join-tokens.provider.js';
import { AgentDirectoryController } from './read/agent-directory/agent-directory.controller.js';
import { agentDirectory } from './read/agent-directory/agent-directory.projection.js';
import { agentEvaluated } from './read/agent-directory/agent-evaluated.rollup.js';
import { agentLatest } from './read/agent-directory/agent-latest.rollup.js';
import { agentRejections } from './read/agent-directory/agent-rejections.rollup.js';
import { AgentTunnelsController } from './read/agent-tunnels/agent-tunnels.controller.js';
import { agentTunnels } from './read/agent-tunnels/agent-tunnels.projection.js';
import { refusals } from './refusals.js';
import { EdgeEndpoint } from './runtime/edge.endpoint.js';
import { EdgeLife } from './runtime/edge-life.provider.js';
import { JoinHandler } from './runtime/join-handler.provider.js';
import { ReportHandler } from './runtime/report-handler.provider.js';
import { TIMES, TunnelTimes } from './runtime/times.js';
import { TunnelManager } from './runtime/tunnel-manager.provider.js';
import { ArchiveAgentController } from './write/archive-agent/archive-agent.controller.js';
import { EphemeralAgentsJob } from './write/archive-ephemeral/ephemeral-agents.job.js';
import { IssueJoinTokenController } from './write/issue-join-token/issue-join-token.controller.js';
import { PingAgentController } from './write/ping-agent/ping-agent.controller.js';
import { ReleaseAgentController } from './write/release-agent/release-agent.controller.js';
import { RevokeAgentController } from './write/revoke-agent/revoke-agent.controller.js';
import { UnarchiveAgentController } from './write/unarchive-agent/unarchive-agent.controller.js';

/** The context's definition: plain objects and nothing that runs. Each process takes only its part. */
export const edge = {
  events, //                                                                    who folds, projects or lists them
  refusals, //                                                                  who answers with them
  projections: [agentDirectory, agentEvaluated, agentTunnels, agentLatest, agentRejections] as readonly AnyFold[], // the projector
  holds, //                                           an accept of the log
  openings: ['private.edge_join_token'], //                                     what a restore closes
  resources: ['edge-agents'], //                                                the roots of its routes, no other room's
  controllers: [
    AgentDirectoryController,
    AgentTunnelsController,
    ArchiveAgentController,
    IssueJoinTokenController,
    PingAgentController,
    ReleaseAgentController,
    RevokeAgentController,
    UnarchiveAgentController,
  ], //                                                                         the API
  providers: [EphemeralAgentsJob, JoinTokens, JoinTokensJob], //                   what those need; `PublicOptions` and `RequestReply` are given
  jobs: [EphemeralAgentsJob, JoinTokensJob], //                                  whoever owns the room's deadlines
  publicProviders: [
    Clock,
    { provide: TunnelTimes, useValue: TIMES },
    AgentRecorder,
    AgentWatch,
    EdgeEndpoint,
    EdgeLife,
    JoinHandler,
    JoinTokens,
    LogWriter,
    ReportHandler,
    AgentRegistry,
    TunnelManager,
  ], //                                                                         the one process that holds the tunnels
  endpoints: [EdgeEndpoint], //                                                         and what it answers in public
  entities: [JoinTokenRow], //                                                  the set-up
  migrations: [JoinToken1770508800000], //                                      the set-up
} as const;
