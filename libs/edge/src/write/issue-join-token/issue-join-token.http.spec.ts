import { CommandHandler, LogUnavailable } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { PublicOptions } from '@app/http';
import { type Answered, type Door, doorOf } from '@app/http/testing';
import { assertShape } from '@app/kernel';
import type { JoinTokenIssued } from '../../events/index.js';
import { JoinTokens } from '../../private/join-tokens.provider.js';
import { IssueJoinTokenController } from './issue-join-token.controller.js';
import { IssuedJoinToken } from './issue-join-token.view.js';

/** What is kept, by the id of its row. */
class Vault implements Pick<JoinTokens, 'keep' | 'forget'> {
  readonly rows = new Map<string, string>();

  async keep({ join_token_id }: JoinTokenIssued, token: string): Promise<boolean> {
    if (this.rows.has(join_token_id)) return false;
    this.rows.set(join_token_id, token);
    return true;
  }

  async forget(joinTokenId: string): Promise<void> {
    this.rows.delete(joinTokenId);
  }
}

let door: Door;
let log: MemoryLog;
let vault: Vault;
beforeEach(async () => {
  log = new MemoryLog();
  vault = new Vault();
  const given = (provide: unknown, useValue: unknown) => ({ provide: provide as never, useValue });
  door = await doorOf(
    [IssueJoinTokenController],
    [given(CommandHandler, log), given(JoinTokens, vault), given(PublicOptions, { publicUrl: 'https://butler.example' })],
  );
});
afterEach(() => door.close());

const post = (body: unknown, key?: string): Promise<Answered> =>
  door.ask('POST', 'edge-agents/enroll', body, key === undefined ? {} : { 'idempotency-key': key });

it('shows a token once, and one line for the host of the agent', async () => {
  const before = Date.now();
  const { status, headers, body } = await post({ label: 'Berlin, rack 4', hostname_pattern: 'edge-*', ephemeral: true });
  expect([status, headers.get('cache-control')]).toEqual([202, 'no-store']);
  expect(() => assertShape(IssuedJoinToken, body)).not.toThrow();
  const { join_token_id, join_token, expires_at, command, position } = body as IssuedJoinToken;
  expect(position).toBe('f1');
  expect([...vault.rows]).toEqual([[join_token_id, join_token]]);
  expect(command).toBe(
    `printf %s '${join_token}' | npm run -s edge-agent -- join --server https://butler.example --gateway http://127.0.0.1:18789`,
  );
  expect(log.facts.map(({ data }) => data)).toEqual([
    { join_token_id, label: 'Berlin, rack 4', hostname_pattern: 'edge-*', ephemeral: true, expires_at },
  ]);
  const minutes = (Date.parse(expires_at) - before) / 60_000;
  expect(minutes).toBeGreaterThanOrEqual(30);
  expect(minutes).toBeLessThan(30.5);
  expect(JSON.stringify(log.facts)).not.toContain(join_token);
});

it('asks for nothing', async () => {
  expect((await post({})).status).toBe(202);
  expect(log.facts[0]?.data).toMatchObject({ label: null, hostname_pattern: null, ephemeral: false });
});

it('does not show it again to the same request, and changes nothing', async () => {
  const first = (await post({}, 'k1')).body as IssuedJoinToken;
  expect(await post({}, 'k1')).toMatchObject({
    status: 409,
    body: { code: 'edge.token-exists', facts: { join_token_id: first.join_token_id } },
  });
  expect([...vault.rows.values()]).toEqual([first.join_token]);
  expect(log.facts).toHaveLength(1);
});

it('leaves nothing behind when the log does not answer, and may be asked again', async () => {
  log.isDown = true;
  expect(await post({}, 'k2')).toMatchObject({ status: 503, body: { code: new LogUnavailable().code } });
  expect(vault.rows.size).toBe(0);
  log.isDown = false;
  expect((await post({}, 'k2')).status).toBe(202);
});

it('does not give a token that was issued a second secret, though its row is gone', async () => {
  await post({}, 'k3');
  vault.rows.clear();
  expect(await post({}, 'k3')).toMatchObject({ status: 409, body: { code: 'edge.token-exists' } });
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
  expect(await post(body)).toMatchObject({ status: 400, body: { code: 'http.invalid', errors: [{ field }] } });
});
