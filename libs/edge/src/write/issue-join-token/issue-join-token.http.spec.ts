import { AppendRejected, CommandHandler, LogUnavailable, OutcomeUnknown } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { PublicOptions } from '@app/http';
import { type Answered, type TestApp, testAppOf } from '@app/http/testing';
import { type Instant, asId, assertShape, newEvent } from '@app/kernel';
import { type AgentId, type JoinTokenId, type JoinTokenIssued, JoinTokenRedeemed } from '../../events/index.js';
import { JoinTokens } from '../../private/join-tokens.provider.js';
import { IssueJoinTokenController } from './issue-join-token.controller.js';
import { IssuedJoinToken } from './issue-join-token.view.js';

/** What is kept, by the id of its row. */
class Vault implements Pick<JoinTokens, 'keep' | 'replace' | 'forget' | 'idOf'> {
  readonly rows = new Map<string, string>();

  async keep({ join_token_id }: Pick<JoinTokenIssued, 'join_token_id'>, token: string): Promise<void> {
    this.rows.set(join_token_id, token);
  }

  async replace(joinTokenId: string, token: string): Promise<boolean> {
    return this.rows.has(joinTokenId) && this.rows.set(joinTokenId, token).size > 0;
  }

  async forget(joinTokenId: string, token: string): Promise<void> {
    if (this.rows.get(joinTokenId) === token) this.rows.delete(joinTokenId);
  }

  async idOf(token: string): Promise<JoinTokenId | null> {
    return ([...this.rows].find(([, kept]) => kept === token)?.[0] ?? null) as JoinTokenId | null;
  }
}

const FIELDS = ['join_token_id', 'label', 'hostname_pattern', 'ephemeral', 'expires_at'];

let app: TestApp;
let log: MemoryLog;
let vault: Vault;
beforeEach(async () => {
  log = new MemoryLog();
  vault = new Vault();
  const given = (provide: unknown, useValue: unknown) => ({ provide: provide as never, useValue });
  app = await testAppOf(
    [IssueJoinTokenController],
    [given(CommandHandler, log), given(JoinTokens, vault), given(PublicOptions, { publicUrl: 'https://butler.example' })],
  );
});
afterEach(() => app.close());

const session = (body: unknown, key?: string): Promise<Answered> =>
  app.ask('POST', 'edge-agents/enroll', body, key === undefined ? {} : { 'idempotency-key': key });

it('shows a token once, and one line for the host of the agent', async () => {
  const before = Date.now();
  const { status, headers, body } = await session({ label: 'Berlin, rack 4', hostname_pattern: 'edge-*', ephemeral: true });
  expect([status, headers.get('cache-control')]).toEqual([202, 'no-store']);
  expect(() => assertShape(IssuedJoinToken, body)).not.toThrow();
  const { join_token_id, join_token, expires_at, command, position } = body as IssuedJoinToken;
  expect(position).toBe('f1');
  expect([...vault.rows]).toEqual([[join_token_id, join_token]]);
  expect(command).toBe(`printf %s '${join_token}' | npm run -s edge-agent -- join --server https://butler.example`);
  expect(log.facts.map(({ data }) => data)).toEqual([
    { join_token_id, label: 'Berlin, rack 4', hostname_pattern: 'edge-*', ephemeral: true, expires_at },
  ]);
  const minutes = (Date.parse(expires_at) - before) / 60_000;
  expect(minutes).toBeGreaterThanOrEqual(30);
  expect(minutes).toBeLessThan(30.5);
  expect(JSON.stringify(log.facts)).not.toContain(join_token);
});

describe('the gateway in the line', () => {
  const argumentsOf = async (body: object): Promise<string | undefined> =>
    ((await session(body)).body as IssuedJoinToken).command.split('--server https://butler.example').at(1);

  it('stands there as it was given, with the file of its token', async () => {
    expect(await argumentsOf({ gateway: 'http://127.0.0.1:18789' })).toBe(' --gateway http://127.0.0.1:18789');
    expect(await argumentsOf({ gateway: 'https://gw.example/claw', gateway_token_file: '~/.openclaw/token' })).toBe(
      ' --gateway https://gw.example/claw --gateway-token-file ~/.openclaw/token',
    );
    expect(log.facts.map(({ data }) => Object.keys(data as object))).toEqual(Array.from({ length: 2 }, () => FIELDS));
  });

  it.each([
    ['/etc/gate way', "'/etc/gate way'"],
    ["~/it's; rm -rf $HOME", "~/'it'\\''s; rm -rf $HOME'"],
    ['$(reboot)', "'$(reboot)'"],
  ])('is one argument whatever the file is called: %s', async (gateway_token_file, argument) => {
    expect(await argumentsOf({ gateway: 'http://[::1]:18789', gateway_token_file })).toBe(
      ` --gateway 'http://[::1]:18789' --gateway-token-file ${argument}`,
    );
  });

  it.each([
    { gateway: 'ftp://gw' },
    { gateway: 'https://user:secret@gw.example' },
    { gateway: "http://gw/';reboot" },
    { gateway: 'http://gw/?token=a' },
    { gateway_token_file: '/etc/token' },
  ])('is refused: %p', async (body) => {
    expect(await session(body)).toMatchObject({ status: 400, body: { errors: [{ field: 'gateway' }] } });
    expect([log.facts, vault.rows.size]).toEqual([[], 0]);
  });
});

it('asks for nothing', async () => {
  expect((await session({})).status).toBe(202);
  expect(log.facts[0]?.data).toMatchObject({ label: null, hostname_pattern: null, ephemeral: false });
});

it('answers a new token under the same id to the same request, and the old one lets nobody in', async () => {
  const first = (await session({ label: 'Berlin' }, 'k1')).body as IssuedJoinToken;
  const again = await session({ label: 'Berlin' }, 'k1');
  const { join_token_id, position, expires_at } = first;
  expect(again).toMatchObject({ status: 202, body: { join_token_id, position, expires_at } });
  const { join_token } = again.body as IssuedJoinToken;
  expect(join_token).not.toBe(first.join_token);
  expect([...vault.rows]).toEqual([[join_token_id, join_token]]);
  expect(log.facts).toHaveLength(1);
});

const refused = { status: 409, body: { code: 'edge.token-exists' } };

it('does not issue a token again that asks for something else, and changes nothing', async () => {
  const first = (await session({ label: 'Berlin' }, 'k1')).body as IssuedJoinToken;
  const others = [{}, { label: 'Berlin', ephemeral: true }, { label: 'Berlin', hostname_pattern: 'edge-*' }];
  for (const other of others) expect(await session(other, 'k1')).toMatchObject({ status: 422, body: { code: 'http.key-reused' } });
  log.requests.clear();
  for (const other of others)
    expect(await session(other, 'k1')).toMatchObject({ ...refused, body: { facts: { join_token_id: first.join_token_id } } });
  expect([...vault.rows.values()]).toEqual([first.join_token]);
});

it('does not issue a token again after ten minutes', async () => {
  log.now = () => new Date(Date.now() - 600_000).toISOString() as Instant;
  const first = (await session({}, 'k1')).body as IssuedJoinToken;
  expect(await session({}, 'k1')).toMatchObject(refused);
  expect([...vault.rows.values()]).toEqual([first.join_token]);
});

it('does not issue a token again that an agent joined with', async () => {
  const first = (await session({}, 'k1')).body as IssuedJoinToken;
  log.add(newEvent(JoinTokenRedeemed, { join_token_id: asId<JoinTokenId>(first.join_token_id), agent_id: asId<AgentId>('agent-1') }));
  expect(await session({}, 'k1')).toMatchObject(refused);
  expect([...vault.rows.values()]).toEqual([first.join_token]);
});

it('issues one token, however it was cut off between its row and its fact', async () => {
  vault.rows.set('join-left-behind', 'x');
  const cut = (when: 'before' | 'after') => {
    log[when] = () => {
      log[when] = () => undefined;
      throw new OutcomeUnknown('c1');
    };
  };
  for (const when of ['before', 'after'] as const) {
    cut(when);
    expect(await session({}, `cut-${when}`)).toMatchObject({ status: 503, body: { code: 'event-store.outcome-unknown' } });
    expect(vault.rows.size).toBe(2);
    const { status, body } = await session({}, `cut-${when}`);
    expect(status).toBe(202);
    const { join_token_id, join_token } = body as IssuedJoinToken;
    expect([...vault.rows].slice(1)).toEqual([[join_token_id, join_token]]);
    vault.rows.delete(join_token_id);
  }
  expect(log.types).toEqual(['edge.join-token.issued', 'edge.join-token.issued']);
});

it('answers only the newest of two requests with the same key that come at once', async () => {
  log.after = async () => {
    log.after = () => undefined;
    expect(await session({}, 'k1')).toMatchObject({ status: 202 });
  };
  expect(await session({}, 'k1')).toMatchObject(refused);
  expect(vault.rows.size).toBe(1);
});

it('leaves nothing behind when nothing was written', async () => {
  log.before = () => {
    throw new AppendRejected(10077, 'maximum bytes exceeded');
  };
  expect(await session({}, 'k1')).toMatchObject({ status: 503, body: { code: 'event-store.rejected' } });
  expect(vault.rows.size).toBe(0);
});

it('leaves nothing behind when the log does not answer, and may be asked again', async () => {
  log.isDown = true;
  expect(await session({}, 'k2')).toMatchObject({ status: 503, body: { code: new LogUnavailable().code } });
  expect(vault.rows.size).toBe(0);
  log.isDown = false;
  expect((await session({}, 'k2')).status).toBe(202);
});

it('does not give a token that was issued a second secret, though its row is gone', async () => {
  await session({}, 'k3');
  vault.rows.clear();
  expect(await session({}, 'k3')).toMatchObject({ status: 409, body: { code: 'edge.token-exists' } });
  expect(vault.rows.size).toBe(0);
});

it.each([
  ['label', { label: '' }],
  ['label', { label: ' x' }],
  ['hostname_pattern', { hostname_pattern: 'a b' }],
  ['hostname_pattern', { hostname_pattern: 'x'.repeat(254) }],
  ['ephemeral', { ephemeral: 'yes' }],
  ['join_token_id', { join_token_id: 'join-1' }],
])('does not understand such a %s', async (field, body) => {
  expect(await session(body)).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field }] } });
});
