import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import WebSocket from 'ws';
import { built } from './built.mjs';

const { SUBPROTOCOL, TUNNEL_PATH, signHello } = await import('../../dist/libs/edge/src/tunnel.protocol.js');
const { newEvent } = await built('kernel');
const { edge } = await built('edge');

/** So many handshakes at once: a server takes a hundred a second. */
const AT_ONCE = 16;

/** Agents as they are after they joined: their keys, and the facts that say so. */
export async function enrol(store, count) {
  const agents = Array.from({ length: count }, (_, n) => agentOf(n));
  await inParallel(agents, 64, (agent) => store.commands.handle(enrolled, { data: agent.enrolment, actor: 'system:bench' }));
  return agents;
}

const enrolled = {
  on: ({ agent_id }) => ({ subjects: [`facts.edge.agent.${agent_id}`], fold: () => undefined }),
  decide: (_none, { data }) => [newEvent(edge.events.AgentEnrolled, data)],
};

function agentOf(n) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const agent_id = `agent-bench-${n}`;
  const public_key = publicKey.export({ format: 'jwk' }).x;
  const { example } = edge.events.AgentEnrolled;
  return { agent_id, privateKey, enrolment: { ...example, agent_id, public_key, label: `bench ${n}`, hostname: `bench-${n}.example` } };
}

/** A tunnel of each agent, open and reported; on the bare server a socket. */
export async function openAll(url, agents, isBare) {
  const tunnels = [];
  await inParallel(agents, AT_ONCE, async (agent) => void tunnels.push(await (isBare ? openBare(url) : open(url, agent))));
  return tunnels;
}

const dial = (url) => new WebSocket(url.replace('http', 'ws') + TUNNEL_PATH, SUBPROTOCOL, { perMessageDeflate: false });

async function openBare(url) {
  const socket = dial(url);
  await once(socket, 'open');
  return tunnel(socket);
}

/** Tries again while the server takes no more handshakes at the moment. */
async function open(url, agent) {
  for (;;) {
    const socket = dial(url);
    const refused = Promise.withResolvers();
    socket.once('unexpected-response', (_request, { headers }) => refused.resolve(Number(headers['retry-after'] ?? 1)));
    socket.on('error', () => undefined);
    const challenged = once(socket, 'message').then(([data]) => JSON.parse(data.toString()));
    const said = await Promise.race([challenged, refused.promise]);
    if (typeof said === 'object') return greet(socket, agent, said.nonce, new URL(url).host);
    socket.terminate();
    await new Promise((resolve) => setTimeout(resolve, said * 1_000));
  }
}

async function greet(socket, { agent_id, privateKey, enrolment }, nonce, authority) {
  const boot_id = randomUUID();
  const { hostname, os, version } = enrolment;
  const signature = signHello(privateKey, { nonce, agent_id, boot_id, authority });
  const self = { agent_id, instance_uid: randomUUID(), boot_id, hostname, os, version, started_at: new Date().toISOString() };
  const welcomed = once(socket, 'message');
  socket.send(JSON.stringify({ type: 'hello', ...self, last_seq_acked: 0, proto: { min: 1, max: 1 }, capabilities: ['http'], signature }));
  const [data] = await Promise.race([welcomed, once(socket, 'close').then(([code, why]) => Promise.reject(new Error(`${code} ${why}`)))]);
  const welcome = JSON.parse(data.toString());
  if (welcome.type !== 'welcome') throw new Error(`no welcome: ${data}`);
  const host = { cpu_ratio: 0.1, mem_ratio: 0.2, disk_ratio: 0.3 };
  const outbox = { depth: 0, capacity: 100, dropped: 0 };
  const acked = once(socket, 'message');
  socket.send(
    JSON.stringify({ type: 'report_full', seq: 1, sent_at: new Date().toISOString(), desired_version: null, gateways: [], host, outbox }),
  );
  await acked;
  return tunnel(socket);
}

function tunnel(socket) {
  let seq = 0;
  let answered = () => undefined;
  socket.on('message', () => answered());
  return {
    /** One heartbeat; resolves when it is answered. One at a time. */
    beat: () =>
      new Promise((resolve, reject) => {
        answered = resolve;
        const frame = { type: 'heartbeat', seq: ++seq, sent_at: new Date().toISOString(), rtt_ms: 1.5, clock_offset_ms: 0.2 };
        socket.send(JSON.stringify(frame), (error) => error && reject(error));
      }),
    close: () => socket.terminate(),
  };
}

/** `work` for each, so many at a time. */
async function inParallel(items, workers, work) {
  const left = items.values();
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (const exported of left) await work(exported);
    }),
  );
}
