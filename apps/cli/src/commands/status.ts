import type { Component, EdgeAgent, Health, Overview, OverviewItem, Peer } from '../contract.js';
import type { Context } from '../context.js';
import { EXIT } from '../failure.js';
import { type Canvas, table } from '../view/table.js';
import { age, ago, clock, colourOf, lag, latency, state, why } from '../view/words.js';
import { MAX_ROWS } from '../grammar.js';

const EXIT_OF: Record<Health, number> = { up: EXIT.answered, degraded: EXIT.degraded, down: EXIT.down, unknown: EXIT.unknown };

interface Options {
  all?: boolean;
  exitStatus?: boolean;
}

/** `ap infrastructure status`: the status, then what is wrong; with `--all` everything, in `items`. */
export async function showStatus(context: Context, { all, exitStatus }: Options): Promise<number> {
  const api = await context.api();
  const [overview, peers, agents, services] = await Promise.all([
    api.get<Overview>('/overview'),
    all ? api.list<Peer>('/peers', {}, MAX_ROWS) : undefined,
    all ? api.list<EdgeAgent>('/edge-agents', {}, MAX_ROWS) : undefined,
    all ? api.all<Component>('/services') : undefined,
  ]);
  const { problems } = overview.data;
  const others = [
    ...(peers?.data ?? []).map(itemOfPeer),
    ...(agents?.data ?? []).map(itemOfAgent),
    ...(services?.data ?? []).map(itemOfComponent),
  ].filter((item) => !problems.some(({ kind, id }) => kind === item.kind && id === item.id));
  const items = [...problems, ...others];
  const answer = {
    ...overview,
    data: all ? { ...overview.data, items } : overview.data,
    warnings: [...overview.warnings, ...(peers?.warnings ?? []), ...(agents?.warnings ?? []), ...(services?.warnings ?? [])],
  };
  context.output.data('ap.infra.status/v1', answer, (canvas) => {
    const verdict = `${overview.data.sentence} · as of ${clock(overview.as_of)} (${lag(overview.lag_ms)})`;
    return [
      canvas.paint(verdict, colourOf(overview.data.verdict)),
      ...(items.length === 0 ? [] : itemTable(items, overview.as_of, canvas)),
    ];
  });
  if (!all) context.output.hint(notShown(overview.data));
  return exitStatus ? (EXIT_OF[overview.data.verdict] ?? EXIT.unknown) : EXIT.answered;
}

const itemTable = (items: readonly OverviewItem[], now: string | null, canvas: Canvas): string[] =>
  table(
    [
      { head: 'KIND' },
      { head: 'NAME', least: 12 },
      { head: 'STATUS' },
      { head: 'FOR' },
      { head: 'LATENCY' },
      { head: 'LAST SEEN' },
      { head: 'WHY', below: true },
    ],
    items.map(({ kind, name, status, health, since, latency_ms, last_seen, reason, sentence }) => [
      kind,
      name,
      state(status, health),
      age(since, now),
      latency(latency_ms),
      ago(last_seen, now),
      why(reason, sentence),
    ]),
    canvas,
  );

/** What the table leaves out, so that a short one is not taken for everything. */
function notShown({ sections, problems }: Overview): string {
  const counts = Object.values(sections);
  const healthy = counts.reduce((sum, { up }) => sum + up, 0);
  const total = counts.reduce((sum, section) => sum + section.total, 0);
  const quiet = total - healthy - problems.length;
  if (total === problems.length) return total === 0 ? 'Nothing is watched yet. Add a peer: ap infrastructure peers add --help' : '';
  const parts = [healthy > 0 ? `${healthy} healthy` : '', quiet > 0 ? `${quiet} pending, suspended or unknown` : ''].filter(Boolean);
  return `(${parts.join(', ')} not shown, use --all)`;
}

const itemOfPeer = ({ peer_id: id, label: name, last_heartbeat_at: last_seen, ...peer }: Peer): OverviewItem => ({
  kind: 'peer',
  id,
  name,
  status: peer.status,
  health: peer.health,
  since: peer.since,
  reason: peer.reason,
  sentence: peer.sentence,
  latency_ms: peer.rtt_ms,
  last_seen,
});

const itemOfAgent = ({ agent_id: id, label: name, last_heartbeat_at: last_seen, ...agent }: EdgeAgent): OverviewItem => ({
  kind: 'edge',
  id,
  name,
  status: agent.status,
  health: agent.health,
  since: agent.since,
  reason: agent.reason,
  sentence: agent.sentence,
  latency_ms: agent.rtt_ms,
  last_seen,
});

const itemOfComponent = ({ component_id: id, name, last_good_at: last_seen, ...component }: Component): OverviewItem => ({
  kind: 'svc',
  id,
  name,
  status: component.status,
  health: component.health,
  since: component.since,
  reason: component.reason,
  sentence: component.sentence,
  latency_ms: component.latency_ms,
  last_seen,
});
