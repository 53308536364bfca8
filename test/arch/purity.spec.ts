import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { allContexts, files, root } from '../contexts.js';

/** Suffixes of files that decide, fold or describe. A file without a suffix is held to the same. */
const PURE = new Set(
  'event stream command decide view projection rollup rules frames protocol reader rpc question options targets probe'.split(' '),
);
/** Suffixes of files that may know Nest, NATS, SQL, HTTP, the clock and random values. */
const WITH_MACHINES = new Set('controller query entity migration adapter endpoint job provider module'.split(' '));

/** Modules of Node that only compute. The random values of `node:crypto` are refused by name. */
const COMPUTES = new Set(['node:crypto', 'node:url', 'node:util', 'node:buffer', 'node:path']);
/** Libraries with a machine, and the packages below them. dependency-cruiser refuses the same from file to file. */
const PACKAGES =
  /^(?:@nestjs\/(?!swagger$)|@nats-io\/|@fastify\/|@app\/(?:event-store|read-store|http|config|runtime|process|telemetry|observability)\b|(?:fastify|pg|typeorm|ws|iovalkey)$)/;
/** What `node:net` has that opens no socket. */
const ADDRESSES = new Set(['BlockList', 'SocketAddress', 'isIP', 'isIPv4', 'isIPv6']);
const RANDOM = /^(?:random\w*|generateKey\w*|getRandomValues)$/;
const CALLED = new Set(['setTimeout', 'setInterval', 'setImmediate', 'fetch']);
const MEMBERS = /^(?:Date\.now|Math\.random|AbortSignal\.timeout|performance\.\w+|process\.\w+|crypto\.(?:random\w+|getRandomValues))$/;

/** Files that break the rule today, and what they ask. The list only gets shorter. */
const NOT_YET = [
  'call-id.ts asks Math.random',
  'challenge.ts asks randomBytes',
  'change-retry-queue.ts asks randomUUID',
  'envelope.ts asks randomBytes',
  'http.ts asks fetch',
  'link-timing.ts asks Math.random',
  'open-rights.ts asks setInterval',
  'signed-post.ts asks node:http, node:https, performance.now, setTimeout',
];

/** `a.decide.ts` has the suffix `decide`; undefined: the file has none. */
const suffixOf = (path: string): string | undefined => /\.([a-z]+)\.ts$/.exec(basename(path))?.[1];

/** The values that an import brings; undefined: the whole module. Types are not values. */
function valuesOf({ importClause }: ts.ImportDeclaration): string[] | undefined {
  if (importClause === undefined || importClause.name !== undefined) return undefined;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  const bindings = importClause.namedBindings;
  if (bindings === undefined || !ts.isNamedImports(bindings)) return undefined;
  return bindings.elements.filter(({ isTypeOnly }) => !isTypeOnly).map(({ name, propertyName }) => (propertyName ?? name).text);
}

function importAsks(node: ts.ImportDeclaration): string[] {
  const from = (node.moduleSpecifier as ts.StringLiteral).text;
  const values = valuesOf(node);
  if (values?.length === 0) return [];
  if (from === 'node:crypto') return values?.filter((name) => RANDOM.test(name)) ?? [from];
  if (from === 'node:net' && values?.every((name) => ADDRESSES.has(name))) return [];
  return (from.startsWith('node:') && !COMPUTES.has(from)) || PACKAGES.test(from) ? [from] : [];
}

function asksOfNode(node: ts.Node): string[] {
  if (ts.isImportDeclaration(node)) return importAsks(node);
  if (ts.isNewExpression(node)) return node.expression.getText() === 'Date' && !node.arguments?.length ? ['new Date()'] : [];
  if (ts.isPropertyAccessExpression(node)) return [node.getText()].filter((text) => MEMBERS.test(text));
  return ts.isCallExpression(node) && CALLED.has(node.expression.getText()) ? [node.expression.getText()] : [];
}

/** The machines, clocks and random values that a file asks, each once. */
function asksOf(path: string, source: string): string[] {
  const asks = new Set<string>();
  const visit = (node: ts.Node): void => {
    for (const ask of asksOfNode(node)) asks.add(ask);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true));
  return [...asks].sort();
}

const contexts = (await allContexts()).map(({ name }) => name);
const sources = files(`libs/{${contexts.join(',')}}/src/**/*.ts`).filter((path) => !path.endsWith('.spec.ts'));

describe('a file of a context', () => {
  it('has no suffix, or one that says what the file may know', () => {
    const isKnown = (suffix: string | undefined): boolean => suffix === undefined || PURE.has(suffix) || WITH_MACHINES.has(suffix);
    expect(sources.filter((path) => !isKnown(suffixOf(path)))).toEqual([]);
  });

  it('asks no machine, no clock and no random value unless its suffix allows it', () => {
    const pure = sources.filter((path) => !WITH_MACHINES.has(suffixOf(path) ?? ''));
    expect(pure.length).toBeGreaterThan(100);
    const asking = pure.map((path) => [basename(path), asksOf(path, readFileSync(join(root, path), 'utf8'))] as const);
    expect(asking.flatMap(([name, asks]) => (asks.length === 0 ? [] : [`${name} asks ${asks.join(', ')}`])).sort()).toEqual(NOT_YET);
  });
});

describe('the search for machines', () => {
  it.each([
    ["import { Injectable } from '@nestjs/common';", ['@nestjs/common']],
    ["import type { JsMsg } from '@nats-io/jetstream'; import { type Pool } from 'pg';", []],
    ["import { readFileSync } from 'node:fs'; import { connect } from 'node:net';", ['node:fs', 'node:net']],
    ["import { BlockList, isIP } from 'node:net';", []],
    ["import { createHash, randomUUID as id } from 'node:crypto';", ['randomUUID']],
    ["import * as crypto from 'node:crypto';", ['node:crypto']],
    ['const at = [Date.now(), new Date(), performance.now(), new Date(0)];', ['Date.now', 'new Date()', 'performance.now']],
    ["setTimeout(go, 1); it.fetch(); const m = Math.random(); const e = process.env['A'];", ['Math.random', 'process.env', 'setTimeout']],
  ])('finds what is asked by %s', (source, asks) => {
    expect(asksOf('a.ts', source)).toEqual(asks);
  });
});
