import { writeFile } from 'node:fs/promises';
import { CliHarness } from '../testing/ap.js';
import { VIEWER_TOKEN } from '../testing/fake-api.js';
import { NOW, route } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());

const ROUTES = ['infrastructure', 'routes'];
const OUT = [...ROUTES, 'add', '--direction', 'out', '--action', 'allow'];
const HINT = '(the first that matches decides; what none matches is denied)\n';

describe('list', () => {
  it('is a table in the order of the rules', async () => {
    cli.api.federation.rules.push(
      route(),
      route({
        rule_id: 'rule-2',
        order: 2,
        direction: 'in',
        peer_id: null,
        agent: null,
        classes: ['read', 'send'],
        method_class: null,
        action: 'route',
        target_url: 'http://127.0.0.1:9100/',
      }),
      route({ rule_id: 'rule-3', order: 3, action: 'deny', note: 'until the audit' }),
    );
    expect(await cli.ap([...ROUTES, 'list'])).toMatchObject({
      code: 0,
      err: HINT,
      out: `ORDER  DIR  PEER                 AGENT    CLASS      ACTION   RULE ID  TARGET                  NOTE
    1  out  Lisbon, second hall  planner  send       ● allow  rule-1   -                       -
    2  in   any                  any      read,send  ● route  rule-2   http://127.0.0.1:9100/  -
    3  out  Lisbon, second hall  planner  send       ⬣ deny   rule-3   -                       until the audit
`,
    });
    expect((await cli.json([...ROUTES, 'list'])).out).toMatchObject({
      schema: 'ap.infra.routes.list/v1',
      position: 'f40',
      data: cli.api.federation.rules,
    });
  });

  it('says what a later release refuses, and of which rule', async () => {
    cli.api.federation.rules.push(route({ classes: null, warnings: ['It names no classes. Name them.'] }));
    expect(await cli.ap([...ROUTES, 'list'])).toMatchObject({ err: `${HINT}rule-1: It names no classes. Name them.\n` });
  });

  it('says what it means that there is none', async () =>
    expect(await cli.ap([...ROUTES, 'list'])).toMatchObject({
      code: 0,
      out: '',
      err: 'There is no rule, so every call is denied. Add one: ap infrastructure routes add --help\n',
    }));
});

describe('add', () => {
  it('takes a peer by its label, and shows the rule in its place', async () => {
    cli.api.federation.rules.push(route());
    const more = ['--peer', 'Porto', '--agent', 'planner', '--method-class', 'send', '--note', 'pilot', '--before', 'rule-1'];
    expect(await cli.ap([...OUT, ...more])).toMatchObject({
      code: 0,
      err: '',
      out: `ORDER  DIR  PEER   AGENT    CLASS  ACTION   RULE ID  TARGET  NOTE
    1  out  Porto  planner  send   ● allow  rule-2   -       pilot
`,
    });
    const [, , added, read] = cli.api.seen;
    expect(added!.body).toEqual({
      direction: 'out',
      action: 'allow',
      peer_id: 'porto-1',
      agent: 'planner',
      method_class: 'send',
      note: 'pilot',
      before: 'rule-1',
    });
    expect(read).toMatchObject({ path: '/routes', query: { after: 'f41' } });
  });

  it('leaves out what matches anything', async () => {
    const { out } = await cli.json([...ROUTES, 'add', '--direction', 'in', '--action', 'route', '--target-url', 'http://127.0.0.1:9100/']);
    expect(cli.api.seen[0]!.body).toEqual({ direction: 'in', action: 'route', target_url: 'http://127.0.0.1:9100/' });
    expect(out).toMatchObject({
      schema: 'ap.infra.command/v1',
      position: 'f41',
      data: { rule_id: 'rule-1', route: { order: 1, target_url: 'http://127.0.0.1:9100/' } },
    });
  });

  it('stands when it cannot be read back', async () => {
    cli.api.behind = 1;
    expect(await cli.ap(OUT)).toMatchObject({
      code: 0,
      out: 'accepted  rule-1\n',
      err: expect.stringContaining('(read.behind)'),
    });
  });

  it('tells what the server refuses', async () => {
    expect(await cli.ap([...ROUTES, 'add', '--direction', 'in', '--action', 'route'])).toMatchObject({
      code: 1,
      out: '',
      err: 'ap: A rule that routes calls needs a target_url (federation.target-missing)\nnext: Give the base URL of the agent.\n',
    });
    expect((await cli.ap([...OUT, '--before', 'rule-9'])).err).toContain('(federation.before-unknown)');
    expect((await cli.ap([...OUT, '--peer', 'Faro'])).code).toBe(3);
    expect((await cli.ap(OUT, { env: { AP_TOKEN: VIEWER_TOKEN } })).code).toBe(5);
    expect(cli.api.federation.rules).toEqual([]);
  });
});

describe('a rule with a credential', () => {
  const IN = [...ROUTES, 'add', '--direction', 'in', '--action', 'route', '--target-url', 'http://127.0.0.1:9100/'];
  const interfaces = [
    { url: 'http://127.0.0.1:1/', binding: 'JSONRPC', protocol_version: '1.0', usable: false, because: 'it is elsewhere' },
    { url: 'http://127.0.0.1:9100/a2a', binding: 'JSONRPC', protocol_version: '1.0', usable: true, because: null },
  ];

  it('takes the value from standard input and shows it nowhere; then lists the interfaces of the agent', async () => {
    cli.api.federation.agent = { ok: true, reason: null, sentence: '1 of 2 can be used.', interfaces };
    const ended = await cli.ap([...IN, '--credential-stdin', '--concurrent-calls', '4'], { stdin: 'Bearer cb-agent\n' });
    expect(ended).toMatchObject({
      code: 0,
      err: 'agent: 1 of 2 can be used.\nusable: JSONRPC http://127.0.0.1:9100/a2a\nnot usable: JSONRPC http://127.0.0.1:1/: it is elsewhere\n',
    });
    expect(ended.out + ended.err).not.toContain('cb-agent');
    expect(cli.api.seen[0]!.body).toMatchObject({ credential: { value: 'Bearer cb-agent' }, limits: { concurrent_calls: 4 } });
    expect((await cli.json([...ROUTES, 'list'])).out.data).toMatchObject([{ credential: { header: 'Authorization', version: 1 } }]);
  });

  it('takes it from a file, in another header', async () => {
    const path = `${cli.home}/agent.key`;
    await writeFile(path, 'k-1');
    expect((await cli.ap([...IN, '--credential-file', path, '--credential-header', 'X-Api-Key'])).code).toBe(0);
    expect(cli.api.seen[0]!.body).toMatchObject({ credential: { header: 'X-Api-Key', value: 'k-1' } });
  });

  it('asks for a value where a header is named alone, and takes none as an argument', async () => {
    expect(await cli.ap([...IN, '--credential-header', 'X-Api-Key'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--credential-file'),
    });
    expect((await cli.ap([...IN, '--credential', 'Bearer x'])).code).toBe(2);
    expect(cli.api.seen).toEqual([]);
  });

  it('stands when its agent cannot be used, and says so', async () => {
    cli.api.federation.agent = { ok: false, reason: 'federation.unreachable', sentence: 'Nothing answers.', interfaces: [] };
    expect(await cli.ap(IN)).toMatchObject({ code: 0, err: 'agent not usable: Nothing answers.\n' });
    expect((await cli.json(IN)).out.data).toMatchObject({ agent: { ok: false, reason: 'federation.unreachable' } });
  });
});

describe('edit', () => {
  const edit = (...more: string[]) => [...ROUTES, 'edit', 'rule-1', ...more];
  beforeEach(() => cli.api.federation.rules.push(route(), route({ rule_id: 'rule-2', order: 2 })));

  it('sends what is said, and shows the rule', async () => {
    const ended = await cli.ap(edit('--classes', 'read,admin', '--calls-per-minute', '10', '--note', 'less'));
    expect(ended).toMatchObject({ code: 0, err: '', out: expect.stringContaining('read,admin') });
    expect(cli.api.seen[0]).toMatchObject({ method: 'PATCH', path: '/routes/rule-1' });
    expect(cli.api.seen[0]!.body).toEqual({ classes: ['read', 'admin'], limits: { calls_per_minute: 10 }, note: 'less' });
  });

  it('replaces a credential from standard input, and removes one', async () => {
    await cli.ap(edit('--credential-stdin'), { stdin: 'Bearer new' });
    expect(cli.api.seen[0]!.body).toEqual({ credential: { value: 'Bearer new' } });
    await cli.ap(edit('--remove-credential'));
    expect(cli.api.federation.rules[0]).toMatchObject({ credential: null });
    expect((await cli.ap(edit('--remove-credential', '--credential-stdin'), { stdin: 'x' })).code).toBe(2);
  });

  it('asks what to change, and takes no class that is none', async () => {
    expect(await cli.ap(edit())).toMatchObject({ code: 2, err: expect.stringContaining('--help') });
    expect((await cli.ap(edit('--classes', 'write'))).code).toBe(2);
    expect(cli.api.seen).toEqual([]);
  });

  it('says when there is no such rule', async () => expect((await cli.ap([...ROUTES, 'edit', 'rule-9', '--note', 'x'])).code).toBe(3));
});

describe('move', () => {
  const order = (): string[] => cli.api.federation.rules.map(({ rule_id }) => rule_id);
  beforeEach(() => cli.api.federation.rules.push(route(), route({ rule_id: 'rule-2' }), route({ rule_id: 'rule-3' })));

  it('moves a rule before another, or to the end', async () => {
    expect(await cli.ap([...ROUTES, 'move', 'rule-3', '--before', 'rule-1'])).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('rule-3'),
    });
    expect(order()).toEqual(['rule-3', 'rule-1', 'rule-2']);
    expect((await cli.ap([...ROUTES, 'move', 'rule-3', '--last'])).code).toBe(0);
    expect(order()).toEqual(['rule-1', 'rule-2', 'rule-3']);
  });

  it('asks where to', async () => {
    for (const more of [[], ['--last', '--before', 'rule-1']]) expect((await cli.ap([...ROUTES, 'move', 'rule-3', ...more])).code).toBe(2);
    expect((await cli.ap([...ROUTES, 'move', 'rule-3', '--before', 'rule-9'])).code).toBe(3);
  });
});

describe('test', () => {
  const test = (...method: string[]) => [...ROUTES, 'test', '--direction', 'out', '--peer', 'lisbon-2', '--agent', 'planner', ...method];

  it('shows the rule that decides, and asks for no more than a viewer may', async () => {
    cli.api.federation.rules.push(route());
    const ended = await cli.ap(test('--method', 'message/send'), { env: { AP_TOKEN: VIEWER_TOKEN } });
    expect(ended).toMatchObject({
      code: 0,
      err: '',
      out: `action        ● allow
why           Rule 1 matches.
rule          rule-1, version 17
target        -
method class  send
`,
    });
    expect(cli.api.seen.at(-1)).toMatchObject({
      path: '/routes/test',
      body: { direction: 'out', peer_id: 'lisbon-2', agent: 'planner', method: 'message/send' },
    });
  });

  it('shows what the card of the agent says', async () => {
    cli.api.federation.rules.push(route({ direction: 'in', action: 'route', target_url: 'http://127.0.0.1:9100/' }));
    const asked = [...ROUTES, 'test', '--direction', 'in', '--peer', 'lisbon-2', '--agent', 'planner', '--method', 'SendMessage'];
    expect((await cli.ap(asked)).out).toMatch(/agent {9}● card read\ncard {10}The card was read\.\n$/);
  });

  it('says of a method that A2A does not name as what it is judged', async () => {
    cli.api.behaviour = (response) => {
      const peers = { as_of: NOW, data: { peer_id: 'lisbon-2' } };
      const decision = {
        action: 'deny',
        rule_id: null,
        rule_version: null,
        target_url: null,
        method_class: 'send',
        sentence: 'None.',
        agent: null,
      };
      response.end(JSON.stringify({ ...peers, ...decision }));
    };
    const lineOf = async (method: string) => (await cli.ap(test('--method', method))).out.split('\n').at(-2);
    expect(await lineOf('Banana')).toBe('method class  send, as every method that A2A does not name');
    expect(await lineOf('tasks/cancel')).toBe('method class  send');
  });

  it('answers with 0 also when the answer is no', async () => {
    expect(await cli.ap(test('--method', 'GetTask'))).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^action {8}⬣ deny\nwhy {11}No rule matches, so it is denied\.\nrule {10}none matched\n/),
    });
    expect((await cli.json(test('--method', 'GetTask'))).out).toMatchObject({
      schema: 'ap.infra.routes.test/v1',
      as_of: null,
      data: { action: 'deny', rule_id: null, method_class: 'read' },
    });
  });
});

describe('remove', () => {
  it('removes by id', async () => {
    cli.api.federation.rules.push(route(), route({ rule_id: 'rule-2' }));
    expect(await cli.ap([...ROUTES, 'remove', 'rule-1'])).toMatchObject({ code: 0, err: '', out: 'removed  rule-1\n' });
    expect(cli.api.federation.rules.map(({ rule_id }) => rule_id)).toEqual(['rule-2']);
    expect((await cli.json([...ROUTES, 'remove', 'rule-2'])).out).toMatchObject({
      schema: 'ap.infra.command/v1',
      position: 'f42',
      data: { rule_id: 'rule-2', route: null },
    });
  });

  it('says when there is none', async () => expect((await cli.ap([...ROUTES, 'remove', 'a/b'])).code).toBe(3));
});
