import { ArrayMaxSize, IsBoolean, IsIn, IsNumber, IsObject, IsString } from 'class-validator';
import {
  type Details,
  HEALTHS,
  type Health,
  type Instant,
  IsDetails,
  IsId,
  IsInstant,
  IsListOf,
  IsNullable,
  Position,
  existing,
  healthOf,
  plainDetails,
  projectionOf,
} from '@app/kernel';
import { IsLabel } from '../../events/agent-label.js';
import { AGENT_REASONS, type AgentReason } from '../../events/agent-reason.js';
import { AGENT_STATUSES, type AgentStatus } from '../../events/agent-status.js';
import {
  AgentArchived,
  AgentEnrolled,
  AgentHeld,
  AgentReleased,
  AgentRevoked,
  AgentStatusChanged,
  AgentSynced,
  AgentUnarchived,
  CostRecorded,
  type DayUse,
  TunnelConnected,
  TunnelDisconnected,
  TunnelSuperseded,
} from '../../events/index.js';
import { IsFingerprint } from '../../events/key-fingerprint.js';
import { LIFECYCLES } from './agent-directory.view.js';
import { KnownGateway, remembered } from './known-gateway.js';

/** One agent as the facts have it. What was measured of it is in the roll-up beside. */
export class AgentEntry {
  @IsId() agent_id: string;

  @IsLabel() label: string;

  @IsString() hostname: string;

  @IsIn(LIFECYCLES) lifecycle: (typeof LIFECYCLES)[number];

  @IsIn(AGENT_STATUSES) status: AgentStatus;

  @IsIn(HEALTHS) health: Health;

  @IsNullable() @IsIn(AGENT_REASONS) reason: AgentReason | null;

  @IsDetails() details: Details;

  @IsInstant() since: Instant;

  /** When the fact was stored that says what it is. */
  @IsInstant() judged_at: Instant;

  @IsString() version: string;

  @IsString() os: string;

  @IsNullable() @IsInstant() started_at: Instant | null;

  /** The tunnel that stands. */
  @IsNullable() @IsId() session_id: string | null;

  @IsNullable() @IsInstant() connected_at: Instant | null;

  @IsNullable() @IsInstant() expected_back_at: Instant | null;

  @IsBoolean() ephemeral: boolean;

  @IsNullable() @IsInstant() held_at: Instant | null;

  @IsNullable() @IsInstant() archived_at: Instant | null;

  @IsInstant() enrolled_at: Instant;

  @IsString() enrolled_by: string;

  @IsId() join_token_id: string;

  @IsFingerprint() key_fingerprint: string;

  @IsListOf(KnownGateway, 32) gateways: KnownGateway[];

  /** When `gateways` was said, and what the host was busy with then. */
  @IsNullable() @IsInstant() synced_at: Instant | null;

  @IsNullable() @IsNumber() cpu_ratio: number | null;

  @IsNullable() @IsNumber() mem_ratio: number | null;

  @IsNullable() @IsNumber() disk_ratio: number | null;

  @IsNullable() @IsObject() cost: DayUse | null;

  /** When `cost` was said. */
  @IsNullable() @IsInstant() cost_at: Instant | null;

  /** What the status rests on, and the status itself. */
  @ArrayMaxSize(17) @IsString({ each: true }) evidence: string[];
}

/** Every agent that ever joined, as it was last judged. Rebuilds from an empty table. */
export const agentDirectory = projectionOf(AgentEntry)({
  table: 'agent_directory',
  version: 3,
  id: 'agent_id',
  reads: [
    AgentArchived,
    AgentEnrolled,
    AgentHeld,
    AgentReleased,
    AgentRevoked,
    AgentStatusChanged,
    AgentSynced,
    AgentUnarchived,
    CostRecorded,
    TunnelConnected,
    TunnelDisconnected,
    TunnelSuperseded,
  ],
  key: (event) => event.data.agent_id,
  on: {
    'edge.agent.enrolled': (_before, { data, at, position }) => ({
      agent_id: data.agent_id,
      label: data.label,
      hostname: data.hostname,
      lifecycle: 'enrolled',
      ...statusOf('enrolled'),
      reason: 'never_connected',
      details: {},
      since: at,
      judged_at: at,
      version: data.version,
      os: data.os,
      started_at: null,
      session_id: null,
      connected_at: null,
      expected_back_at: null,
      held_at: null,
      archived_at: null,
      ephemeral: data.ephemeral,
      enrolled_at: at,
      enrolled_by: data.enrolled_by,
      join_token_id: data.join_token_id,
      key_fingerprint: data.key_fingerprint,
      gateways: [],
      synced_at: null,
      cpu_ratio: null,
      mem_ratio: null,
      disk_ratio: null,
      cost: null,
      cost_at: null,
      evidence: [factAt(position)],
    }),
    'edge.agent.archived': (before, event) => ({ ...existing(before, event), archived_at: event.at }),
    'edge.agent.unarchived': (before, event) => ({ ...existing(before, event), archived_at: null }),
    'edge.agent.held': (before, event) => ({
      ...existing(before, event),
      held_at: event.at,
      ...statusOf('quarantined'),
      reason: 'held',
      details: {},
      since: event.at,
      judged_at: event.at,
      expected_back_at: null,
      evidence: [factAt(event.position)],
    }),
    'edge.agent.released': (before, event) => ({
      ...existing(before, event),
      held_at: null,
      ...statusOf('unknown'),
      reason: 'observer_unhealthy',
      details: { released: true },
      since: event.at,
      judged_at: event.at,
      evidence: [factAt(event.position)],
    }),
    'edge.agent.revoked': (before, event) => ({
      ...existing(before, event),
      lifecycle: 'revoked',
      ...statusOf('revoked'),
      reason: 'revoked',
      details: plainDetails({ note: event.data.note }),
      since: event.at,
      judged_at: event.at,
      expected_back_at: null,
      evidence: [factAt(event.position)],
    }),
    'edge.agent.status-changed': (before, event) => {
      const { from, to, reason, details, since, expected_back_at, evidence } = event.data;
      const row = existing(before, event);
      const evaluation = {
        ...statusOf(to),
        reason,
        details,
        judged_at: event.at,
        expected_back_at,
        evidence: [...evidence, factAt(event.position)],
      };
      return { ...row, ...evaluation, since: from === to ? row.since : since };
    },
    'edge.agent.synced': (before, event) => {
      const row = existing(before, event);
      const { gateways: reported, cpu_ratio, mem_ratio, disk_ratio } = event.data;
      const known = new Map(row.gateways.map((gateway) => [gateway.name, gateway]));
      const gateways = reported.map((gateway) => remembered(gateway, known.get(gateway.name), event.at));
      return { ...row, gateways, synced_at: event.at, cpu_ratio, mem_ratio, disk_ratio };
    },
    'edge.tunnel.connected': (before, event) => {
      const row = existing(before, event);
      const { version, hostname, os, started_at, session_id } = event.data;
      const lifecycle = row.lifecycle === 'revoked' ? 'revoked' : 'active';
      return { ...row, lifecycle, version, hostname, os, started_at, session_id, connected_at: event.at };
    },
    'edge.tunnel.disconnected': (before, event) => ended(existing(before, event), event.data.session_id),
    'edge.tunnel.superseded': (before, event) => ended(existing(before, event), event.data.session_id),
    'edge.cost.recorded': (before, event) => {
      const row = existing(before, event);
      const { agent_id: _, ...cost } = event.data;
      return row.cost !== null && row.cost.day > cost.day ? row : { ...row, cost, cost_at: event.at };
    },
  },
});

const statusOf = (status: AgentStatus): Pick<AgentEntry, 'status' | 'health'> => ({ status, health: healthOf(status) });

const ended = (row: AgentEntry, sessionId: string): AgentEntry =>
  row.session_id === sessionId ? { ...row, session_id: null, connected_at: null } : row;

const factAt = (facts: number): string => new Position({ facts }).format();
