import { type AnyFold, Clock } from '@app/kernel';
import * as events from './events/index.js';
import { holds } from './holds.js';
import { AgentRecorder } from './runtime/agent-recorder.provider.js';
import { AgentWatch } from './runtime/agent-watch.provider.js';
import { LogWriter } from './runtime/log-writer.provider.js';
import { Roster } from './runtime/roster.provider.js';
import { JoinToken1770508800000 } from './private/join-token.migration.js';
import { JoinTokenRow } from './private/join-token.entity.js';
import { JoinTokenSweep } from './private/join-token-sweep.provider.js';
import { JoinTokens } from './private/join-tokens.provider.js';
import { AgentDirectoryController } from './read/agent-directory/agent-directory.controller.js';
import { agentDirectory } from './read/agent-directory/agent-directory.projection.js';
import { agentEvaluated } from './read/agent-directory/agent-evaluated.rollup.js';
import { agentLatest } from './read/agent-directory/agent-latest.rollup.js';
import { agentRejections } from './read/agent-directory/agent-rejections.rollup.js';
import { AgentTunnelsController } from './read/agent-tunnels/agent-tunnels.controller.js';
import { agentTunnels } from './read/agent-tunnels/agent-tunnels.projection.js';
import { refusals } from './refusals.js';
import { EdgeDoor } from './runtime/edge-door.provider.js';
import { EdgeLife } from './runtime/edge-life.provider.js';
import { JoinDesk } from './runtime/join-desk.provider.js';
import { ReportDesk } from './runtime/report-desk.provider.js';
import { TIMES, TunnelTimes } from './runtime/times.js';
import { TunnelHall } from './runtime/tunnel-hall.provider.js';
import { ArchiveAgentController } from './write/archive-agent/archive-agent.controller.js';
import { EphemeralSweep } from './write/archive-ephemeral/ephemeral-sweep.provider.js';
import { IssueJoinTokenController } from './write/issue-join-token/issue-join-token.controller.js';
import { PingAgentController } from './write/ping-agent/ping-agent.controller.js';
import { ReleaseAgentController } from './write/release-agent/release-agent.controller.js';
import { RevokeAgentController } from './write/revoke-agent/revoke-agent.controller.js';
import { UnarchiveAgentController } from './write/unarchive-agent/unarchive-agent.controller.js';

/** The room's door: plain objects and nothing that runs. Each process takes only its part. */
export const edge = {
  events, //                                                                    who folds, projects or lists them
  refusals, //                                                                  who answers with them
  projections: [agentDirectory, agentEvaluated, agentTunnels, agentLatest, agentRejections] as readonly AnyFold[], // the projector
  holds, //                                           an accept of the log
  openings: ['private.edge_join_token'], //                                     what a restore closes
  reactions: [], //                                                             the reactor
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
  providers: [EphemeralSweep, JoinTokens, JoinTokenSweep], //                   what those need; `PublicOptions` and `Questions` are given
  sweeps: [EphemeralSweep, JoinTokenSweep], //                                  whoever owns the room's deadlines
  publicProviders: [
    Clock,
    { provide: TunnelTimes, useValue: TIMES },
    AgentRecorder,
    AgentWatch,
    EdgeDoor,
    EdgeLife,
    JoinDesk,
    JoinTokens,
    LogWriter,
    ReportDesk,
    Roster,
    TunnelHall,
  ], //                                                                         the one process that holds the tunnels
  doors: [EdgeDoor], //                                                         and what it answers in public
  entities: [JoinTokenRow], //                                                  the set-up
  migrations: [JoinToken1770508800000], //                                      the set-up
} as const;
