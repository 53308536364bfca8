import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { IsString, Matches, MaxLength, getMetadataStorage, validateSync } from 'class-validator';
import { IsListOf, IsText, STRICT } from '@app/kernel';
import type { Plumbing } from '@app/process';
import { ApiModule } from '../../apps/api/src/api.module.js';
import { allContexts, files, root } from '../contexts.js';

type Shape = new () => object;
interface Entering {
  /** What it is, for whoever reads the failure. */
  readonly kind: 'event' | 'command or query' | 'frame';
  readonly shape: Shape;
  /** A value that it takes; empty where nobody wrote one down. */
  readonly example: object;
}

const rulesOf = (shape: Shape) => getMetadataStorage().getTargetValidationMetadatas(shape, '', true, false);
const isShape = (item: unknown): item is Shape => typeof item === 'function' && rulesOf(item as Shape).length > 0;

/** The shapes that a list in `shape` holds, at any depth. */
const within = (shape: Shape): Shape[] =>
  rulesOf(shape)
    .filter(({ name }) => name === 'isListOf')
    .map(({ constraints }) => constraints[0] as Shape)
    .flatMap((item) => [item, ...within(item)]);

/** What the routes of the API take, by the types of their parameters: a new controller is under this test as it is. */
function taken(): Shape[] {
  const nobody = { onChange: () => () => undefined };
  const { controllers = [] } = ApiModule.with(
    { store: { commandsOfRequests: () => nobody }, progress: nobody } as unknown as Plumbing,
    SETTINGS,
    nobody as never,
  );
  return controllers.flatMap(({ prototype }: Type<object>) =>
    Object.getOwnPropertyNames(prototype)
      .filter((name) => name !== 'constructor' && Reflect.hasMetadata(METHOD_METADATA, (prototype as Record<string, object>)[name] ?? {}))
      .flatMap((name) => Reflect.getMetadata('design:paramtypes', prototype as object, name) as unknown[])
      .filter(isShape),
  );
}
const SETTINGS = {
  secretsKey: new Uint8Array(32),
  federation: { allowCidrs: [], allowLoopbackHttp: false, targets: { allowLoopback: false, own: [] } },
  access: { secureCookie: false },
  public: { publicUrl: 'http://127.0.0.1:4601' },
};

const events = (await allContexts()).flatMap((context) => context.events);
const frameFiles = files('libs/*/src/**/{messages,*.rpc}.ts');
const frames = await Promise.all(frameFiles.map((file) => import(join(root, file)) as Promise<object>));
const entering: Entering[] = [
  ...events.map((event) => ({ kind: 'event' as const, shape: event as Shape, example: event.example })),
  ...taken().map((shape) => ({ kind: 'command or query' as const, shape, example: {} })),
  ...frames.flatMap((exported) => Object.values(exported).filter(isShape)).map((shape) => ({ kind: 'frame' as const, shape, example: {} })),
].flatMap((one) => [one, ...within(one.shape).map((shape) => ({ ...one, shape, example: {} }))]);
const unique = [...new Map(entering.map((one) => [one.shape, one])).values()];

const USE = 'use @IsText(max) or @IsName(max) of @app/kernel: what the log keeps, PostgreSQL must take';
/** What some field of ours takes, and what becomes of it with a character in it that PostgreSQL, or a terminal, does not take. */
const SEEDS = ['a', 'a b', 'https://a.example/', 'https://a.example/b/', '2026-02-01', 'cb_login_1', '-----BEGIN'];
const SPOILT = (text: string): string[] =>
  ['\0', '\u001b', '\u0085', '\ud800', '\udc00'].flatMap((bad) => [bad + text, text + bad, text.slice(0, -1) + bad + text.slice(-1)]);

/** The first spoilt text that a field takes. */
function takesSpoilt({ shape, example }: Pick<Entering, 'shape' | 'example'>, field: string): string | undefined {
  const isList = rulesOf(shape).some((rule) => rule.propertyName === field && rule.each);
  const known = (example as Record<string, unknown>)[field];
  const spoilt = [...SEEDS, ...(typeof known === 'string' ? [known] : [])].flatMap(SPOILT);
  return spoilt.find((value) => {
    const instance = Object.assign(new shape(), { [field]: isList ? [value] : value });
    return !validateSync(instance, STRICT).some(({ property }) => property === field);
  });
}

/** What is wrong with the fields of a shape, a sentence each. */
function complaints(one: Entering): string[] {
  const name = (field: string): string => `${one.kind} ${one.shape.name}.${field}`;
  const bare = rulesOf(one.shape).filter((rule) => rule.name === 'isString');
  const fields = [...new Set(rulesOf(one.shape).map(({ propertyName }) => propertyName))];
  return [
    ...bare.map(({ propertyName }) => `${name(propertyName)} is a bare @IsString(): ${USE}`),
    ...fields.flatMap((field) => {
      const value = takesSpoilt(one, field);
      return value === undefined ? [] : `${name(field)} takes ${JSON.stringify(value)}: ${USE}`;
    }),
  ];
}

it('finds events, commands, queries and frames', () => {
  const names = unique.map(({ kind, shape }) => `${kind} ${shape.name}`);
  expect(names).toEqual(expect.arrayContaining(['event PeerSuspended', 'event GatewaySnapshot', 'frame HelloAsk', 'frame LinkToTest']));
  expect(names).toEqual(expect.arrayContaining(['SuspendPeer', 'PeerListQuery', 'EventsQuery'].map((name) => `command or query ${name}`)));
});

it.each(unique.map((one) => [one.kind, one.shape.name, one] as const))('%s %s takes no text that cannot be stored', (_kind, _name, one) =>
  expect(complaints(one)).toEqual([]),
);

describe('the rule itself', () => {
  class Item {
    @Matches(/^\P{Cc}+$/u) half: string;
  }
  class Loose {
    @IsString() @MaxLength(9) note: string;
    @IsString({ each: true }) evidence: string[];
    @IsListOf(Item, 2) items: Item[];
    @IsText(9) good: string;
  }
  const of = (shape: Shape): string[] => complaints({ kind: 'event', shape, example: {} });

  it('complains of a bare @IsString, of a list of them, and of a pattern that takes a lone surrogate', () => {
    expect(of(Loose).map((words) => words.split(':')[0])).toEqual([
      'event Loose.note is a bare @IsString()',
      'event Loose.evidence is a bare @IsString()',
      'event Loose.note takes "\\u0000a"',
      'event Loose.evidence takes "\\u0000a"',
    ]);
    expect(within(Loose).flatMap(of)).toEqual([`event Item.half takes "\\ud800a": ${USE}`]);
  });
});
