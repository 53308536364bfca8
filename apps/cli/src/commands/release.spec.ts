import { CliHarness } from '../testing/ap.js';
import { route } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
  cli.api.federation.rules.push(
    route({ held: true }),
    route({ rule_id: 'rule-2', order: 2 }),
    route({ rule_id: 'rule-3', order: 3, held: true }),
  );
});
afterEach(() => cli.close());

const RELEASE = ['infrastructure', 'routes', 'release'];
const held = (): string[] => cli.api.federation.rules.filter((rule) => rule.held).map(({ rule_id }) => rule_id);

it('lists what is held, and says how to release it', async () => {
  const { code, out, err } = await cli.ap(RELEASE);
  expect([code, err]).toEqual([0, expect.stringContaining('ap infrastructure routes release --all --confirm=2')]);
  expect(out).toMatch(/rule-1[^]*rule-3/);
  expect(out).not.toContain('rule-2');
  expect(held()).toEqual(['rule-1', 'rule-3']);
});

it('releases one by its id', async () => {
  expect(await cli.ap([...RELEASE, 'rule-3'])).toMatchObject({ code: 0, out: expect.stringContaining('rule-3') });
  expect(held()).toEqual(['rule-1']);
});

it('releases all only of who says how many they are', async () => {
  for (const confirm of [[], ['--confirm=3']]) {
    const refused = await cli.ap([...RELEASE, '--all', ...confirm]);
    expect([refused.code === 0, refused.err]).toEqual([false, expect.stringContaining('--all --confirm=2')]);
  }
  expect(held()).toEqual(['rule-1', 'rule-3']);
  expect(await cli.ap([...RELEASE, '--all', '--confirm=2'])).toMatchObject({ code: 0 });
  expect(held()).toEqual([]);
});

it('says that nothing is held', async () => {
  for (const rule of cli.api.federation.rules) rule.held = false;
  expect(await cli.ap(RELEASE)).toMatchObject({ code: 0, err: expect.stringContaining('No routing rules are held.') });
});

it.each([
  [['infrastructure', 'peers', 'release'], 'No peers are held.'],
  [['infrastructure', 'edge', 'release'], 'No edge agents are held.'],
  [['auth', 'token', 'release'], 'No service tokens are held.'],
])('%j asks for what is held of its own kind', async (command, sentence) => {
  expect(await cli.ap(command)).toMatchObject({ code: 0, err: expect.stringContaining(sentence) });
});
