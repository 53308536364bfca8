import { CliHarness } from './testing/ap.js';
import { LOGIN_CODE } from './testing/fake-api.js';
import { Miniature } from './testing/miniature.js';
import { NOW, connected, tokenEntry } from './testing/sample.js';

let installation: Miniature;
let lisbon: CliHarness;
let berlin: CliHarness;
beforeAll(async () => {
  installation = await Miniature.build();
});
afterAll(() => installation.close());
beforeEach(async () => {
  [lisbon, berlin] = await Promise.all([CliHarness.open(), CliHarness.open()]);
  // One token more was made there, so that the next one is another text than in Lisbon.
  berlin.api.tokens.push(tokenEntry({ token_id: 't-1', name: 'earlier', revoked_at: NOW }));
  lisbon.api.instanceId = 'inst-lisbon';
  berlin.api.instanceId = 'inst-berlin';
  lisbon.api.peers.splice(0, 2, connected({ peer_id: 'peer-b', remote_peer_id: 'inst-berlin', label: 'Berlin', url: berlin.api.url }));
  berlin.api.peers.splice(0, 2, connected({ peer_id: 'peer-l', remote_peer_id: 'inst-lisbon', label: 'Lisbon', url: lisbon.api.url }));
  await logIn('lisbon', lisbon);
  await logIn('berlin', berlin);
});
afterEach(() => Promise.all([lisbon.close(), berlin.close()]));

/** `ap` as a process, with one home for both logins and nothing else to go by. */
async function ap(argv: readonly string[], stdin = ''): Promise<{ code: unknown; out: string; err: string }> {
  const running = installation.start(argv, lisbon.env);
  running.child.stdin!.end(stdin);
  const code = await running.ended;
  return { code, out: running.out, err: running.err };
}

async function logIn(profile: string, { api }: CliHarness): Promise<void> {
  const { code, err } = await ap(['auth', 'login', '--profile', profile], `${api.url}/login#code=${LOGIN_CODE}\n`);
  expect([code, err]).toEqual([0, expect.stringContaining(`${profile} is the current profile now`)]);
}

const document = async (argv: readonly string[]) => JSON.parse((await ap([...argv, '-o', 'json'])).out);

it('shows by each profile its instance, with the other one as its peer', async () => {
  for (const [profile, here, other] of [
    ['lisbon', lisbon, berlin],
    ['berlin', berlin, lisbon],
  ] as const) {
    const { data: who } = await document(['auth', 'whoami', '--profile', profile]);
    const { data: peers } = await document(['infra', 'peers', 'list', '--profile', profile]);
    expect(who).toMatchObject({ url: here.api.url, instance_id: here.api.instanceId });
    expect(peers).toMatchObject([
      { remote_peer_id: other.api.instanceId, url: other.api.url, status: 'connected', their_view: 'connected' },
    ]);
  }
});

it('changes sides by profile use', async () => {
  const LIST = ['infra', 'peers', 'list'];
  expect((await ap(LIST)).out).toContain('\nLisbon  ● connected'); // The last login was Berlin's.
  expect((await ap(['profile', 'use', 'lisbon'])).code).toBe(0);
  expect((await ap(LIST)).out).toContain('\nBerlin  ● connected');
});

it('says the token of one side to that side alone', async () => {
  await ap(['infra', 'status', '--all', '--profile', 'lisbon']);
  await ap(['infra', 'peers', 'test', 'Lisbon', '--profile', 'berlin']);
  const tokens = ({ api }: CliHarness) =>
    new Set(api.seen.map(({ headers }) => headers.authorization).filter((text) => text !== undefined));
  expect([...tokens(lisbon)]).toEqual([`Bearer cb_srv_${'1'.repeat(43)}`]);
  expect([...tokens(berlin)]).toEqual([`Bearer cb_srv_${'2'.repeat(43)}`]);
  expect(berlin.api.calls.at(-1)).toBe('POST /peers/peer-l/test');
  expect(lisbon.api.calls).not.toContain('POST /peers/peer-l/test');
});
