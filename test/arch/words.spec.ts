import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { files, root } from '../contexts.js';

/** Refused as a part of any declared name and of any file name: `RoomDoor`, `room-door.ts`, `ROOM_MS`. See docs/glossary.md. */
const WORDS: Readonly<Record<string, string>> = {
  'rooms?': 'context',
  'houses?': 'architecture, test servers',
  'doors?': 'endpoint',
  'hops?': 'proxy',
  'relay(s|ed|ing)?': 'proxy',
  'passages?': 'exchange',
  'things?': 'aggregate, or the name of what is meant',
  'book(s|ed)?': 'cache, registry, routing table',
  'rosters?': 'registry',
  'keepers?': 'supervisor',
  'scribes?': 'writer',
  'knocks?': 'rejected handshake',
  'halls?': 'manager',
  'desks?': 'handler',
  'twins?': 'duplicate identity',
  'doubt(s|ed)?': 'correlated failure, blocked aggregate',
  'pulses?': 'RTT tracker',
  'lanes?': 'queue',
  'standings?': 'evaluation state',
  'courses?': 'status history',
  'grounds?': 'basis',
  'judge(d|s|ment)?|judging|judgement': 'evaluate, evaluation',
  'verdicts?': 'status, evaluation',
  'outbox(es)?': 'retry queue',
  'cables?': 'request-reply, link',
  'silences?|spoken': 'unavailable',
  'sweep(s|er|ers|ing)?|swept': 'job',
  'worlds?': 'fixture, demo',
  'janitors?': 'cleaner',
};

/** Plain English in a variable, and a private word in the name of a type: refused as a part of the name of a class, interface or type. */
const TYPE_WORDS: Readonly<Record<string, string>> = {
  'posts?': 'session, request',
  histories: 'aggregate reader',
  seen: 'observation',
  once: 'nonce store',
  'questions?': 'request-reply',
  'readings?': 'probe result',
  'journals?': 'log',
  'gates?': 'authenticator',
  'feeds?': 'subscription',
  'following|follower': 'consumer',
};

/** Names that stay: `name` is whole, `in` is the beginning of the path; absent: anywhere. Each must be met somewhere. */
const EXCEPTIONS: readonly { readonly name: string; readonly in?: string; readonly why: string }[] = [
  { name: 'room', in: 'apps/', why: 'The query parameter `room` of the events.' },
  { name: 'room', in: 'libs/event-store/src/browse.ts', why: 'The same.' },
  { name: 'verdict', in: 'apps/', why: 'The field `verdict` of the overview and the server-sent event of that name.' },
  { name: 'verdict', in: 'test/e2e/page/', why: 'The same.' },
  { name: 'outbox', in: 'apps/edge-agent/', why: 'The field `report.outbox` of the tunnel, and of the local status.' },
  { name: 'outbox', in: 'libs/edge/', why: 'The same.' },
  { name: 'outbox', in: 'test/bench/', why: 'The same.' },
  { name: 'OutboxReport', why: 'The shape of that field.' },
  { name: 'outbox_depth', why: 'A field of stored events.' },
  { name: 'outbox_capacity', why: 'A field of stored events.' },
  { name: 'outbox_dropped', why: 'A field of stored events.' },
  { name: 'judged_at', why: 'A field of answers and a column.' },
  { name: 'judged', in: 'libs/services/src/read/', why: 'A column of the roll-up of components.' },
  { name: 'MAX_HOPS', why: 'The hop count of a request, as in IP.' },
  { name: 'House', in: 'apps/dashboard/', why: 'The drawing of a house.' },
  { name: 'LiveFeed', why: 'The feed of server-sent events.' },
  { name: 'Feed', in: 'apps/dashboard/', why: 'The same, as the page reads it.' },
  { name: 'Question', in: 'apps/dashboard/', why: 'A question to a person.' },
  { name: 'Question', in: 'apps/cli/', why: 'What the dry run of a call asks.' },
  { name: 'RouteQuestion', why: 'The same.' },
  { name: 'SecretOnceProps', why: 'A secret is shown once.' },
  { name: 'LineOnceProps', why: 'The same.' },
  { name: 'LogGate', why: 'It lets appends pass once the log is checked: see the glossary.' },
  { name: 'GateParts', in: 'libs/event-store/', why: 'Its parts.' },
  { name: 'PostRequest', why: 'An HTTP POST.' },
  { name: 'PostResponse', why: 'The same.' },
  { name: 'Journal', in: 'test/e2e/', why: 'What a drill wrote, to compare with what the log holds.' },
];

/** `openRoomDoor`, `ROOM_MS`, `room-door.provider` as words. */
const wordsOf = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);

const patternOf = (words: Readonly<Record<string, string>>): RegExp => new RegExp(`^(?:${Object.keys(words).join('|')})$`);
const ANYWHERE = patternOf(WORDS);
const IN_TYPES = patternOf(TYPE_WORDS);

interface Declared {
  readonly name: string;
  readonly isType: boolean;
}

/** The name of a declaration of ours. Imports, uses, and keys of object literals name what others declared. */
function declaredBy(node: ts.Node): Declared | undefined {
  const isType =
    ts.isClassDeclaration(node) || ts.isClassExpression(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node);
  const isOther =
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isVariableDeclaration(node) ||
    ts.isParameter(node) ||
    ts.isBindingElement(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isAccessor(node) ||
    ts.isEnumDeclaration(node) ||
    ts.isEnumMember(node) ||
    ts.isTypeParameterDeclaration(node);
  if (!isType && !isOther) return undefined;
  const { name } = node;
  return name !== undefined && (ts.isIdentifier(name) || ts.isPrivateIdentifier(name)) ? { name: name.text, isType } : undefined;
}

function declaredIn(path: string, source: string): Declared[] {
  const declared: Declared[] = [];
  const visit = (node: ts.Node): void => {
    const found = declaredBy(node);
    if (found !== undefined) declared.push(found);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest, false, path.endsWith('x') ? ts.ScriptKind.TSX : undefined));
  return declared;
}

const isRefused = ({ name, isType }: Declared): boolean =>
  wordsOf(name).some((word) => ANYWHERE.test(word) || (isType && IN_TYPES.test(word)));

const exceptionOf = (path: string, name: string) => EXCEPTIONS.find((one) => one.name === name && path.startsWith(one.in ?? ''));

describe('a name of ours', () => {
  const sources = files('{apps,libs,test,tools,docker}/**/*.{ts,tsx,mts,mjs,cjs}').filter(
    (path) => !/(^|\/)node_modules\/|\.generated\.ts$/.test(path),
  );
  const refused = sources.flatMap((path) =>
    declaredIn(path, readFileSync(join(root, path), 'utf8'))
      .filter(isRefused)
      .map(({ name }) => ({ path, name })),
  );

  it('holds no former word', () => {
    const left = refused.filter(({ path, name }) => exceptionOf(path, name) === undefined);
    expect([...new Set(left.map(({ path, name }) => `${path}: ${name}`))]).toEqual([]);
  });

  it('of a file holds no former word', () => {
    const named = [...sources, ...files('docs/**/*.md')];
    expect(named.filter((path) => wordsOf(basename(path)).some((word) => ANYWHERE.test(word)))).toEqual([]);
  });

  it.each(EXCEPTIONS.map((one) => [one.name, one.in ?? 'any file', one] as const))(
    'has a use for the exception %s in %s',
    (_name, _in, one) => {
      expect(refused.some(({ path, name }) => exceptionOf(path, name) === one)).toBe(true);
    },
  );
});

describe('the search for former words', () => {
  it.each([
    ['class RoomDoor {}', ['RoomDoor']],
    ['interface LinkSeen { readonly lastSeen: Date }', ['LinkSeen']],
    ['const { a: standing, ...course } = it;', ['standing', 'course']],
    ['function f(hop: string, ROOM_MS = 1) { return (verdict: number) => verdict; }', ['hop', 'ROOM_MS', 'verdict']],
    [
      'class A { #sweeps = 1; constructor(private readonly knocks: number) {} judge() {} get outbox() { return 1; } }',
      ['sweeps', 'knocks', 'judge', 'outbox'],
    ],
    ["import { room } from 'x'; send({ room: other.doors, broom: 1, doorway: 2 });", []],
  ])('finds the names declared in %s', (source, names) => {
    const found = declaredIn('a.ts', source).filter(isRefused);
    expect(found.map(({ name }) => name.replace('#', '')).sort()).toEqual([...names].sort());
  });
});
