import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAgent } from './a2a-agent.mjs';
import { connected, federate } from './federate.mjs';
import { startFleet } from './fleet.mjs';
import { startInstance } from './instance.mjs';
import { startTraffic } from './traffic.mjs';

/**
 * Two instances that know each other, an agent behind each, edge agents at the first, and calls both ways; on data that is removed when
 * it ends. Whatever fails, and whenever `signal` says so, nothing is left.
 * @param {{ say: (line: string) => void, signal: AbortSignal, env?: Record<string, string> }} how
 */
export async function startDemo({ say, signal, env = {} }) {
  const dir = mkdtempSync(join(tmpdir(), 'clawbutler-demo-'));
  const undo = [async () => rmSync(dir, { recursive: true, force: true })];
  const end = async () => {
    for (const step of undo.splice(0).reverse()) await step().catch((error) => say(`While ending: ${error.message}`));
  };
  const started = async (what, start) => {
    signal.throwIfAborted();
    say(what);
    const exported = await start();
    undo.push(() => exported.end());
    return exported;
  };
  try {
    const lisbon = await started('Starting the instance Lisbon ...', () => startInstance('lisbon', dir, env));
    const porto = await started('Starting the instance Porto ...', () => startInstance('porto', dir, env));
    const clerk = await started('Starting an A2A agent behind Lisbon ...', () => startAgent());
    const planner = await started('Starting an A2A agent behind Porto ...', () => startAgent());
    say('Registering each at the other, and waiting for the mutual challenge ...');
    const ids = await federate(lisbon, porto);
    const peers = { lisbon: ids.first, porto: ids.second };
    await allow(lisbon, porto, peers, { clerk, planner });
    await connected(lisbon, peers.porto, signal);
    await connected(porto, peers.lisbon, signal);
    const fleetDir = join(dir, 'edge');
    mkdirSync(fleetDir);
    const fleet = await started('Starting three OpenClaw gateways (made of recorded frames) and an edge agent beside each ...', () =>
      startFleet(lisbon, fleetDir, signal),
    );
    const traffic = await started('Calls begin to flow.', async () => startTraffic({ lisbon, porto, peers }));
    return { dir, lisbon, porto, peers, fleet, traffic, clerk, planner, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** What may be called: nothing is, unless a rule says so. The first that fits decides. */
async function allow(lisbon, porto, peers, { clerk, planner }) {
  const rule = (at, body) => at.call('POST', 'routes', body);
  await rule(lisbon, { direction: 'out', peer_id: peers.porto, action: 'allow', note: 'Our agents may call those of Porto' });
  await rule(porto, { direction: 'in', method_class: 'admin', action: 'deny', note: 'Nobody administers our agents' });
  await rule(porto, { direction: 'in', peer_id: peers.lisbon, agent: 'planner', action: 'route', target_url: planner.url, note: '' });
  await rule(porto, { direction: 'out', peer_id: peers.lisbon, action: 'allow', note: 'Our agents may call those of Lisbon' });
  await rule(lisbon, { direction: 'in', method_class: 'admin', action: 'deny', note: 'Nobody administers our agents' });
  await rule(lisbon, { direction: 'in', peer_id: peers.porto, agent: 'clerk', action: 'route', target_url: clerk.url, note: '' });
}
