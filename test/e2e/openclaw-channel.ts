import { FakeChannel } from '../fake-openclaw/fake-channel.js';
import { RealGateway } from '../fake-openclaw/real-gateway.js';
import { type System, until } from './system.js';

/** An OpenClaw gateway whose A2A channel lets in whoever shows the bearer. */
interface Channel {
  readonly url: string;
  close(): Promise<void>;
}

/** Two instances that are connected: an agent of `host` is called by clients of `caller`. */
export interface Pair {
  readonly caller: System;
  readonly host: System;
  /** The id of each at the other. */
  readonly hostAtCaller: string;
  readonly callerAtHost: string;
}

const BEARER = 'the-bearer-of-this-instance-at-openclaw';
const AGENT = 'openclaw';
const HEARD_MS = 20_000;
/** A real gateway starts its agents with the first message. */
const ENDED_MS = 180_000;
const OPEN_MS = 600_000;

/** Where `npm install openclaw` was run; without it the double alone is asked. */
const PACKAGE = process.env['OPENCLAW_DIR'];
const SUBJECTS: [string, () => Promise<Channel>][] = [
  ['the double', () => FakeChannel.open(BEARER)],
  ...(PACKAGE === undefined
    ? []
    : [['the real package', () => RealGateway.open(PACKAGE, BEARER)] satisfies [string, () => Promise<Channel>]]),
];

interface Task {
  readonly id: string;
  readonly status: { readonly state: string };
}
interface Answer {
  readonly status: number;
  readonly body: { result?: Task & { task?: Task }; error?: { data?: { metadata: { code: string } }[] } };
}

/** The A2A channel of OpenClaw behind a rule of `host`, called through both. `pair` is asked when tests run. */
export const describeOpenClawChannel = (pair: () => Pair): void =>
  describe.each(SUBJECTS)('run the A2A channel of OpenClaw behind a rule with a credential: %s', (_name, open) => {
    let channel: Channel;
    let ruleIds: { at: System; ruleId: string }[] = [];
    beforeAll(async () => {
      channel = await open();
      const { caller, host, hostAtCaller, callerAtHost } = pair();
      const rule = async (at: System, body: object) => ({ at, ruleId: (await at.call('POST', 'routes', body)).body.rule_id as string });
      const inn = { direction: 'in', peer_id: callerAtHost, agent: AGENT, action: 'route', target_url: `${channel.url}/` };
      ruleIds = [
        await rule(host, { ...inn, credential: { value: `Bearer ${BEARER}` } }),
        await rule(caller, { direction: 'out', peer_id: hostAtCaller, agent: AGENT, action: 'allow' }),
      ];
    }, OPEN_MS);
    afterAll(async () => {
      for (const { at, ruleId } of ruleIds) await at.call('DELETE', `routes/${ruleId}`);
      await channel?.close();
    });

    const post = async (url: string, authorization: string | null, method: string, params: object): Promise<Answer> => {
      const headers = { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) };
      const body = JSON.stringify({ jsonrpc: '2.0', id: 'r-1', method, params });
      const answer = await fetch(url, { method: 'POST', headers, body });
      return { status: answer.status, body: (await answer.json()) as Answer['body'] };
    };
    const message = { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
    const hello = { message, configuration: { returnImmediately: true } };
    /** The interface that the card names, read through both instances. */
    const interfaceUrl = async (): Promise<string> => {
      const { caller, hostAtCaller } = pair();
      const url = `${caller.publicUrl}/a2a/peers/${hostAtCaller}/agents/${AGENT}/.well-known/agent-card.json`;
      const read = () => fetch(url, { headers: { authorization: `Bearer ${caller.token}` } });
      const card = await until(read, ({ ok }) => ok, HEARD_MS, 'both have heard of the rules');
      return ((await card.json()) as { supportedInterfaces: { url: string }[] }).supportedInterfaces[0]?.url ?? '';
    };
    const call = async (method: string, params: object): Promise<Answer> =>
      post(await interfaceUrl(), `Bearer ${pair().caller.token}`, method, params);
    const edit = async (credential: object | null): Promise<void> => {
      const [{ at, ruleId }] = ruleIds as [{ at: System; ruleId: string }];
      expect(await at.call('PATCH', `routes/${ruleId}`, { credential })).toMatchObject({ status: 202 });
    };

    it.each([
      ['without a bearer', null],
      ['with another bearer', 'Bearer other'],
    ])('which answers 401 to a message %s', async (_who, authorization) => {
      expect(await post(`${channel.url}/a2a/v1`, authorization, 'SendMessage', hello)).toMatchObject({ status: 401 });
    });

    it(
      'which gives a client of the other instance that sends no A2A-Version a task, and tells it when the task has ended',
      async () => {
        const sent = await call('SendMessage', hello);
        expect(sent).toMatchObject({ status: 200, body: { result: { task: { id: expect.any(String) } } } });
        const id = sent.body.result?.task?.id ?? '';
        const ended = await until(
          () => call('GetTask', { id }),
          ({ body }) => /_(COMPLETED|FAILED|REJECTED)$/.test(body.result?.status.state ?? ''),
          ENDED_MS,
          'the task ends',
        );
        expect(ended).toMatchObject({ status: 200, body: { result: { id } } });
      },
      ENDED_MS + 30_000,
    );

    it('whose own error reaches that client', async () => {
      expect(await call('GetTask', { id: 'no-such-task' })).toMatchObject({ status: 200, body: { error: { code: -32001 } } });
    });

    it.each([
      ['another credential', { value: 'Bearer other' }],
      ['no credential', null],
    ])(
      'whose 401 becomes a 502 with the cause while the rule carries %s',
      async (_what, credential) => {
        await edit(credential);
        const refused = await until(
          () => call('SendMessage', hello),
          ({ status }) => status === 502,
          HEARD_MS,
          'the credential is not used',
        );
        expect(refused.body.error?.data?.[0]?.metadata.code).toBe('federation.agent-refused');
        const { caller, host, hostAtCaller, callerAtHost } = pair();
        for (const [at, peer] of [
          [caller, hostAtCaller],
          [host, callerAtHost],
        ] as const)
          await until(
            async () => (await at.get(`peers/${peer}/calls?limit=1`)).body.data as object[],
            ([last]) => (last as { agent?: string; reason?: string } | undefined)?.reason === 'agent_refused',
            HEARD_MS,
            'the refused call is on record',
          );
        await edit({ value: `Bearer ${BEARER}` });
        await until(
          () => call('GetTask', { id: 'no-such-task' }),
          ({ status }) => status === 200,
          HEARD_MS,
          'the credential is used again',
        );
      },
      90_000,
    );
  });
