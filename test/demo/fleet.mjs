import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from './federate.mjs';
import { startGateway } from './gateway.mjs';
import { run } from './processes.mjs';

const NAMES = ['berlin', 'madrid', 'oslo'];
/** Killed so long after its start, and started again so long after that: long enough to be seen red. */
const LIVES_MS = 60_000;
const DEAD_MS = 40_000;
const CONNECTED_MS = 60_000;

/** Three gateways and an edge agent beside each; the last of them keeps dying. */
export async function startFleet(instance, dir, signal) {
  const members = [];
  const end = async () => {
    for (const { end: endOne } of members.splice(0)) await endOne();
  };
  try {
    for (const name of NAMES) members.push(await startMember(instance, join(dir, name), name));
    for (const { agentId } of members) await connected(instance, agentId, signal);
    const dying = members.at(-1);
    dying.keepDying();
    return { agents: Object.fromEntries(members.map(({ name, agentId }) => [name, agentId])), dying: dying.name, members, end };
  } catch (error) {
    await end();
    throw error;
  }
}

async function startMember(instance, dir, name) {
  mkdirSync(dir, { recursive: true });
  const token = randomBytes(16).toString('hex');
  const tokenFile = join(dir, 'gateway-token');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const gateway = await startGateway(token);
  const { join_token } = await instance.call('POST', 'edge-agents/enroll', { label: name });
  const state = ['--state', join(dir, 'state')];
  const joining = ['join', '--server', instance.publicUrl, '--gateway', gateway.url, '--gateway-token-file', tokenFile, ...state];
  let agent = run('edge-agent/src/main.js', joining, { input: join_token });
  let timer;
  let over = false;
  const comeBackLater = () => {
    if (over) return;
    timer = setTimeout(() => {
      agent = run('edge-agent/src/main.js', ['run', ...state]);
      member.keepDying();
    }, DEAD_MS);
  };
  const member = {
    name,
    agentId: '',
    agent: () => agent,
    /** Dies as a process does whose machine lost power, and comes back, until it ends. */
    keepDying: () => {
      timer = setTimeout(() => void agent.kill().then(comeBackLater), LIVES_MS);
    },
    end: async () => {
      over = true;
      clearTimeout(timer);
      await agent.end();
      await gateway.end();
    },
  };
  try {
    member.agentId = await enrolled(instance, name);
  } catch (error) {
    await member.end();
    throw new Error(`${error.message}\n${agent.printed()}`, { cause: error });
  }
  return member;
}

const enrolled = async (instance, name) => {
  const look = async () => (await instance.call('GET', 'edge-agents')).data.find(({ label }) => label === name);
  return (await until(look, (agent) => agent !== undefined, CONNECTED_MS, `${name} joined`)).agent_id;
};

const connected = (instance, agentId, signal) =>
  until(
    async () => (await instance.call('GET', `edge-agents/${agentId}`)).data,
    ({ status }) => status === 'connected',
    CONNECTED_MS,
    `${agentId} is connected`,
    signal,
  );
