import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const ROOT = join(import.meta.dirname, '../..');
export const DOCKER = join(ROOT, 'docker');

/** The processes of the image. */
export const { APPS } = (await import('../../docker/apps.mjs' as string)) as { APPS: Readonly<Record<string, object>> };

/** Of a service what these tests read. */
export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly secrets?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks: readonly string[] | Readonly<Record<string, unknown>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart?: string;
  readonly init?: boolean;
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
}

export interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, { readonly file: string }>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

interface Extending extends Service {
  readonly extends?: { readonly file: string; readonly service: string };
}

const VARIABLE = /\$(?:\$|\{(\w+)(?:(:?[-?])([^}]*))?\})/g;

/** A file of `docker/` as compose reads it: variables replaced, anchors merged, `extends` carried out. Throws as compose refuses. */
export function readCompose(file: string, variables: Readonly<Record<string, string>>): Compose {
  const compose = interpolated(parse(textOf(file), { merge: true }), variables) as Compose;
  const whole = ({ extends: base, ...own }: Extending): Service => {
    if (base === undefined) return own;
    const of = readCompose(base.file, variables).services[base.service];
    if (of === undefined) throw new Error(`${file} extends ${base.service}, which ${base.file} has not`);
    return { ...of, ...own, environment: { ...of.environment, ...own.environment } };
  };
  return { ...compose, services: mapped(compose.services, whole) };
}

/** Every variable that a file asks for. */
export const variablesIn = (file: string): Set<string> =>
  new Set([...uncommented(textOf(file)).matchAll(VARIABLE)].flatMap(([, name]) => (name === undefined ? [] : [name])));

/** An env file, as compose reads one. */
export const readEnv = (file: string): Record<string, string> =>
  Object.fromEntries([...textOf(file).matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));

/** The processes of ours among the services. */
export const processesOf = ({ services }: Compose): [string, Service][] =>
  Object.entries(services).filter(([, { environment }]) => environment?.['APP'] !== undefined);

export const textOf = (file: string): string => readFileSync(join(DOCKER, file), 'utf8');

/** Of the file as it was parsed: an empty variable is an empty text, and not the nothing that YAML would see in its place. */
function interpolated(tree: unknown, variables: Readonly<Record<string, string>>): unknown {
  if (typeof tree === 'string') return replaced(tree, variables);
  if (Array.isArray(tree)) return tree.map((each) => interpolated(each, variables));
  if (typeof tree !== 'object' || tree === null) return tree;
  return mapped(tree as Record<string, unknown>, (each) => interpolated(each, variables));
}

function replaced(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(VARIABLE, (all, name?: string, how?: string, words?: string) => {
    if (name === undefined) return '$';
    const value = variables[name] ?? '';
    if (value === '' && how === ':?') throw new Error(`required variable ${name} is missing a value: ${words}`);
    return value === '' && how === ':-' ? (words ?? '') : value;
  });
}

const uncommented = (text: string): string => text.replace(/^\s*#.*$/gm, '');
const mapped = <A, B>(from: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(from).map(([name, value]) => [name, change(value)]));
