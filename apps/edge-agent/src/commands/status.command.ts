import { TIER_LIMITS } from '../../../../libs/edge/src/tunnel.protocol.js';
import type { Context } from '../context.js';
import { ask } from '../control.js';
import { EXIT, Failure } from '../failure.js';

/** How the agent of a state directory is. Exit code 0 only when it is connected. */
export async function status({ state, terminal }: Context, { json }: { json?: boolean }): Promise<number> {
  const { agent_id, server } = state.identity();
  const running = await ask(state.place, 'status');
  if (running === null)
    throw new Failure(
      'agent.not-running',
      `The agent ${agent_id} of ${server} does not run`,
      `run it: edge-agent run --state ${state.path}`,
    );
  const key = running.server_key;
  const { tunnel, since, sentence, next_attempt_at, rtt_ms, outbox, gateways } = running;
  const lines = [
    ['agent', `${agent_id}, process ${running.pid}`],
    ['server', server],
    ['tunnel', `${tunnel} since ${since}${rtt_ms === null ? '' : `, round trip ${rtt_ms} ms`}`],
    ...(sentence === null ? [] : [['', sentence]]),
    ...(next_attempt_at === null ? [] : [['', `next attempt at ${next_attempt_at}`]]),
    ...(key === undefined || (key.pinned ?? key.shown) === null ? [] : [['key', key.sentence ?? `${key.pinned}, pinned`]]),
    ['outbox', `${outbox.depth} of ${outbox.capacity}, ${outbox.dropped} dropped`],
    ...gateways.flatMap(({ name, state: is, capability, sentence: says, tier_limit: limit }) => [
      ['gateway', `${name}  ${is}  ${capability}  ${says}`],
      ...(limit === null ? [] : [['', TIER_LIMITS[limit]]]),
    ]),
  ];
  const text = json === true ? JSON.stringify(running, null, 2) : lines.map(([name = '', value]) => `${name.padEnd(9)}${value}`).join('\n');
  terminal.stdout.write(`${text}\n`);
  return tunnel === 'connected' ? EXIT.ok : EXIT.unreachable;
}
