import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { asId } from '@app/kernel';
import { GATEWAY, type Identity, ScriptedAgent } from '../../libs/edge/testing/index.js';
import { type Frame, PROTO, parseFrame, parseJoin } from '../../libs/edge/src/tunnel.protocol.js';
import { CallRecorder } from '../../libs/federation/src/calls/runtime/call-recorder.provider.js';
import type { CallAsked } from '../../libs/federation/src/calls/runtime/call.js';
import { METHOD_LENGTH, REF_LENGTH, callText } from '../../libs/federation/src/calls/events/call-text.js';
import { TOKEN, openProxy } from '../../libs/federation/testing/proxy-instance.js';
import { RawAgent } from '../../libs/federation/testing/raw-agent.js';
import { anyText, until } from './any-text.js';
import { type WholeSystem, openWholeSystem } from './whole-system.js';

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => system.close());
/** No text that a test sent may stop a projection. */
afterEach(() => system.assertCaughtUp());

describe('an edge agent', () => {
  /** Joined before the first test, which sends so many bad joins that its address may be held off. */
  let identity: Identity;
  beforeAll(async () => {
    const joined = await system.join();
    if (joined.status !== 201) throw new Error(`the agent was not let join: ${joined.status}`);
    identity = joined.identity;
  });

  const isTaken = (frame: object): boolean => !('malformed' in parseFrame(JSON.stringify(frame)));
  const report = { desired_version: null, host: { cpu_ratio: 0.1, mem_ratio: 0.2, disk_ratio: 0.3 } };
  const full = {
    ...report,
    type: 'report_full',
    seq: 1,
    sent_at: '2026-02-01T12:00:00.000Z',
    outbox: { depth: 0, capacity: 9, dropped: 0 },
  };
  /** A hello of these words, apart from who sends it. */
  const helloOf = (words: string): object => ({
    ...{ type: 'hello', agent_id: 'agent-1', instance_uid: 'instance-1', boot_id: 'boot-1', last_seq_acked: 0, capabilities: [] },
    ...{ proto: { min: PROTO, max: PROTO }, started_at: '2026-02-01T11:00:00.000Z', signature: 'A'.repeat(86) },
    ...{ hostname: words, version: words, os: words },
  });
  const enter = async (identity: Identity, hello: Partial<Extract<Frame, { type: 'hello' }>>): Promise<ScriptedAgent> => {
    const agent = new ScriptedAgent(system.publicUrl, identity);
    await agent.enter({ hello });
    return agent;
  };

  it('is refused at its join, or its words are kept byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('hostname', 'version', 'os'), anyText, async (field, text) => {
        const {
          status,
          asked,
          identity: { agentId },
        } = await system.join({ [field]: text });
        if (status === 429) return undefined; // Too many of those before it were refused.
        if ('malformed' in parseJoin(JSON.stringify(asked))) return expect(status).toBe(400);
        const [{ data: fact }] = await system.data(`events?type=edge.agent.enrolled&subject=facts.edge.agent.${agentId}&limit=1`);
        const isShown = field !== 'hostname' || /^\P{Default_Ignorable_Code_Point}*$/u.test(text);
        return isShown ? expect([status, fact[field]]).toEqual([201, text]) : expect(status).toBe(201);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  }, 60_000);

  it('sends a frame that is malformed, or whose words are read byte for byte', async () => {
    expect(isTaken(helloOf('plain'))).toBe(true);
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { minLength: 60, maxLength: 60 }), async (texts) => {
        const named = (name: string) => ({ ...GATEWAY, name, sentence: name, version: name.slice(0, 64) });
        const taken = texts.filter((text) => isTaken({ ...full, gateways: [named(text)] }));
        for (const text of texts) expect([text, taken.includes(text) && !text.isWellFormed()]).toEqual([text, false]);
        const gateways = [...new Set(taken)].slice(0, 32).map(named);
        const words = taken.find((text) => isTaken(helloOf(text))) ?? 'plain';
        const agent = await enter(identity, { hostname: words, version: words, os: words });
        agent.report({ ...report, gateways });
        agent.cost({
          day: new Date().toISOString().slice(0, 10),
          by_model: gateways.map(({ name }) => ({ model: name, usd: 1, tokens: 1 })),
        });
        agent.send({ type: 'result', id: 'c1', ok: true, sentence: words });
        agent.send({ type: 'error', code: words, sentence: words });
        const shown = await until('every gateway is shown', async () => {
          const row = await system.data(`edge-agents/${identity.agentId}`);
          return row.gateways.length === gateways.length && row.version === words && row.cost !== null ? row : undefined;
        });
        const said = (list: readonly { name: string; sentence: string; version: string | null }[]): string[] =>
          list.map(({ name, sentence, version }) => JSON.stringify([name, sentence, version])).sort();
        expect(said(shown.gateways)).toEqual(said(gateways));
        expect([shown.os, shown.cost.by_model.map(({ model }: { model: string }) => model).sort()]).toEqual([
          words,
          gateways.map(({ name }) => name).sort(),
        ]);
        agent.socket.close();
        await agent.gone();
      }),
      { numRuns: 1, endOnFailure: true },
    );
  }, 60_000);
});

describe('a peer and its agent', () => {
  it('makes calls whose words are on record as valid text', async () => {
    const recorder = new CallRecorder(system.store.calls, system.store.identity);
    const peer = { remote_peer_id: 'inst-lisbon', label: 'Lisbon', url: 'https://lisbon.example' };
    const peerId = (await system.ask('POST', 'peers', peer)).body.peer_id as string;
    const fields = ['method', 'rpc_id', 'task_id', 'context_id', 'message_id', 'caller', 'key_id', 'trace_id'] as const;
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { minLength: 8, maxLength: 8 }), async (texts) => {
        const said = Object.fromEntries(fields.map((field, i) => [field, texts[i]]));
        const call_id = randomUUID();
        const asked = { ...ASKED, ...said, peer_id: asId(peerId), call_id } as CallAsked;
        await recorder.accept(asked);
        const record = await until('the call is shown', async () => {
          const { status, body } = await system.ask('GET', `calls/${call_id}`);
          return status === 200 ? (body.data as Readonly<Record<string, unknown>>) : undefined;
        });
        for (const field of fields.filter((one) => one in record && one !== 'trace_id'))
          expect([field, record[field]]).toEqual([field, callText(said[field] ?? null, field === 'method' ? METHOD_LENGTH : REF_LENGTH)]);
      }),
      { numRuns: 20, endOnFailure: true },
    );
  }, 60_000);
  const ASKED = {
    ...{ direction: 'out', agent: 'planner', method_class: 'send', protocol_version: '1.0', binding: 'JSONRPC' },
    ...{ request_bytes: 1, rule_id: null, rule_version: null, actor: 'token:t-1' },
  };

  it('has its card handed out or refused, and no endpoint throws', async () => {
    const agent = await RawAgent.open();
    const proxy = await openProxy(agent.url);
    try {
      await fc.assert(
        fc.asyncProperty(anyText, anyText, async (name, description) => {
          const card = agent.card(agent.url) as object;
          agent.cardAnswer = (_request, response) =>
            response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ...card, name, description }));
          const answer = await fetch(`${proxy.forwarded()}.well-known/agent-card.json`, { headers: { authorization: TOKEN } });
          const read = (await answer.json()) as Readonly<Record<string, unknown>>;
          if (answer.status === 200) expect([read['name'], read['description']]).toEqual([name, description]);
          else expect(answer.status).not.toBe(500);
        }),
        { numRuns: 40, endOnFailure: true },
      );
    } finally {
      await proxy.close();
      await agent.close();
    }
  }, 60_000);
});
