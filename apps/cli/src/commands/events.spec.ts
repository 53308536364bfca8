import { CliHarness } from '../testing/ap.js';
import { HASH, poisoned, registered } from '../testing/sample.js';

let cli: CliHarness;
beforeEach(async () => {
  cli = await CliHarness.open();
});
afterEach(() => cli.close());
const LIST = ['infrastructure', 'events', 'list'];

it('is a table, newest first', async () => {
  cli.api.events = [{ ...registered, position: 'f13', type: 'federation.peer.removed', data: { peer_id: 'lisbon-2' } }, registered];
  expect(await cli.ap(LIST)).toMatchObject({
    code: 0,
    err: '',
    out: `POSITION  AT                    TYPE                        SUBJECT                         ACTOR          DATA
f13       2026-11-22 09:59:12Z  federation.peer.removed     facts.federation.peer.lisbon-2  token:t-admin  {"peer_id":"lisbon-2"}
f12       2026-11-22 09:59:12Z  federation.peer.registered  facts.federation.peer.lisbon-2  token:t-admin  {"peer_id":"lisbon-2","label":"Lisbon, second hall"}
`,
  });
});

it('asks for what was asked for', async () => {
  const options = ['--room', 'federation', '--type', registered.type, '--subject', registered.subject, '--actor', 'token:t-admin'];
  const { out } = await cli.json([...LIST, ...options, '--stream', 'facts', '--limit', '5']);
  expect(out).toMatchObject({ schema: 'ap.infra.events.list/v1', data: [registered] });
  expect(cli.api.seen[0]!.query).toEqual({
    room: 'federation',
    type: registered.type,
    subject: registered.subject,
    actor: 'token:t-admin',
    stream: 'facts',
    limit: '5',
  });
});

it('turns pages by position, and says where older ones begin', async () => {
  cli.api.events = Array.from({ length: 500 }, (_, n) => ({ ...registered, position: `f${500 - n}` }));
  const { out, err } = await cli.ap([...LIST, '--limit', '250', '--before', 'f481']);
  const lines = out.trim().split('\n');
  expect([lines.length, lines[1]!.slice(0, 4), lines[250]!.slice(0, 4)]).toEqual([251, 'f480', 'f231']);
  expect(err).toBe('(older ones: --before f231)\n');
  expect(cli.api.seen.map(({ query }) => query['before'])).toEqual(['f481', 'f281']);
});

describe('when the server looks through so many for one answer', () => {
  const lookBack = async (count: number) => {
    const others = Array.from({ length: count }, (_, n) => ({
      ...registered,
      position: `f${count + 12 - n}`,
      type: 'federation.peer.labelled',
    }));
    cli.api.events = [...others, registered];
    cli.api.looksAt = 10;
    return cli.ap([...LIST, '--type', registered.type]);
  };

  it('goes on through pages that hold nothing', async () => {
    const { code, out, err } = await lookBack(150);
    expect([code, err, out.split('\n')[1]!.slice(0, 3)]).toEqual([0, '', 'f12']);
  });

  it('says how far it looked when it gives up', async () => {
    expect(await lookBack(1000)).toMatchObject({ code: 0, out: '', err: '(none so far; older ones: --before f803)\n' });
    expect(cli.api.seen).toHaveLength(21);
  });
});

it.each([80, 100, 140])('fits %i columns', async (columns) => {
  const { out } = await cli.ap(LIST, { columns, env: { NO_COLOR: '1' } });
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(2);
  expect(Math.max(...lines.map((line) => line.length))).toBe(columns);
  expect(lines[1]).toMatch(/^f12 {7}09:59:12Z {2}federation\.peer\.registered {2}facts/);
});

it('names the option of a position that is none, and where one is found', async () => {
  cli.api.behaviour = (response) => {
    const errors = [{ field: 'before', message: 'before must be a position as it was answered' }];
    const problem = { type: 'urn:problem:http.invalid', title: '', status: 400, code: 'http.invalid', detail: '', next: '', errors };
    response.writeHead(400, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  };
  expect(await cli.ap([...LIST, '--before', 'banana'])).toMatchObject({
    code: 2,
    err:
      'ap: --before is not a position: banana (cli.usage)\n' +
      'next: give one of the column POSITION of ap infrastructure events list, or leave it out for the newest\n',
  });
  expect((await cli.ap(LIST)).err).toContain('(http.invalid)');
});

it('says when there is none', async () => {
  cli.api.events = [];
  expect(await cli.ap([...LIST, '--stream', 'telemetry'])).toMatchObject({ code: 0, out: '', err: 'No event is like that.\n' });
});

it('shows control characters of the data as escapes', async () => {
  cli.api.events = [{ ...registered, data: { label: '\u001b[2J\u009b' } }];
  expect((await cli.ap(LIST)).out).toContain('{"label":"\\u001b[2J\\u009b"}');
});

describe('events that no read model uses', () => {
  const GET = ['infrastructure', 'events', 'get'];

  it('are listed with a mark and the code in place of the type', async () => {
    const newer = { ...registered, position: 'f15', unreadable: { code: 'event.unknown', detail: 'Release 0.9.0 wrote it.' } };
    const large = { ...registered, position: 'f14', at: 'yesterday', data: null, size: 900_000 };
    cli.api.events = [newer, large, poisoned, { ...poisoned, position: 'f11', unreadable: null, voided: true }];
    expect(await cli.ap(LIST)).toMatchObject({
      code: 0,
      out: `POSITION  AT                    TYPE                        SUBJECT                         ACTOR          DATA
f15       2026-11-22 09:59:12Z  ○ event.unknown             facts.federation.peer.lisbon-2  token:t-admin  {"peer_id":"lisbon-2","label":"Lisbon, second hall"}
f14       -                     federation.peer.registered  facts.federation.peer.lisbon-2  token:t-admin  900000 bytes, not shown
f13       -                     ▲ decode.missing-headers    facts.federation.peer.lisbon-2  -              9 bytes, not shown
f11       -                     ○ voided                    facts.federation.peer.lisbon-2  -              9 bytes, not shown
`,
    });
    expect((await cli.ap(LIST, { columns: 80 })).code).toBe(0);
  });

  it('are shown whole by get, which names the way out', async () => {
    cli.api.events = [poisoned];
    cli.api.log.raw.set('f13', { hash: HASH, headers: '', body: '\u001b[2Jxxx\nx' });
    const { code, out, err } = await cli.ap([...GET, 'f13']);
    expect([code, out.split('\n').slice(-8)]).toEqual([0, ['', 'headers', '(none)', '', 'body', '<U+001B>[2Jxxx', 'x', '']]);
    expect(out).toContain(`hash         ${HASH}\n`);
    expect(err).toContain('as an admin: ap infrastructure projections void f13');
    expect((await cli.json([...GET, 'f13'])).out).toMatchObject({ schema: 'ap.infra.event/v1', data: { position: 'f13', hash: HASH } });
  });

  it('are no other than readable ones to get, and a long body says that it is cut', async () => {
    cli.api.log.raw.set('f12', { hash: HASH, headers: 'ce-type: x', body: '{"long' });
    const { out, err } = await cli.ap([...GET, 'f12']);
    expect(out).toContain('type         federation.peer.registered, version 1\n');
    expect(out).toContain('readable     yes\n');
    expect(out).toContain('body, the first 6 characters\n{"long\n');
    expect(err).toBe('');
  });

  it('are named by a position', async () => {
    expect((await cli.ap([...GET, 'f99'])).code).toBe(3);
    expect(await cli.ap([...GET, 'banana'])).toMatchObject({
      code: 2,
      err:
        'ap: The argument is not a position: banana (cli.usage)\n' +
        'next: give one of the column POSITION of ap infrastructure events list\n',
    });
  });
});
