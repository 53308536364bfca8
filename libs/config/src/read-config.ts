import { readFileSync } from 'node:fs';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync } from 'class-validator';
import { STRICT, violationsOf } from '@app/kernel';

/** The environment does not describe a system that could run. `message` names each variable and what it must be, never its value. */
export class ConfigInvalid extends Error {
  readonly code = 'config.invalid';
  readonly next = 'Correct them in the environment; README.md lists every variable.';
}

/** Every variable that a class reads; a class is one process' whole configuration. */
export const variablesOf = (shape: new () => object): string[] =>
  [
    ...new Set(
      getMetadataStorage()
        .getTargetValidationMetadatas(shape, '', true, false)
        .map(({ propertyName }) => propertyName),
    ),
  ].sort();

/** One configuration for each class, in their order. */
type Configs<S extends readonly (new () => object)[]> = { [I in keyof S]: Readonly<InstanceType<S[I]>> };

/**
 * The environment as an instance of `shape`, whose fields are named as the variables are: read once, where a process starts. A
 * variable `X` may be given as `X_FILE`, the path of a file that holds it. An empty variable is an absent one. Throws `ConfigInvalid`.
 */
export const readConfig = <C extends object>(shape: new () => C, env: NodeJS.ProcessEnv = process.env): Readonly<C> =>
  readConfigs([shape], env)[0];

/** The same of several classes at once: what is wrong in any of them is told in one go, each variable once. */
export function readConfigs<S extends readonly (new () => object)[]>(
  shapes: readonly [...S],
  env: NodeJS.ProcessEnv = process.env,
): Configs<S> {
  const wrong = new Map<string, string>();
  const configs = shapes.map((shape) => {
    const given: Record<string, string> = {};
    for (const name of variablesOf(shape)) {
      const value = env[name] || contentOf(name, env[`${name}_FILE`], wrong);
      if (value !== undefined && value !== '') given[name] = value;
    }
    const config = plainToInstance(shape, given);
    // Of several words about one variable the last are those of its uppermost decorator, which says what it is.
    for (const { field, message } of violationsOf(validateSync(config, STRICT))) wrong.set(field, message);
    return Object.freeze(config);
  });
  if (wrong.size > 0) throw new ConfigInvalid([...wrong.values()].join('; '));
  return configs as Configs<S>;
}

/** What cannot be read is noted in `wrong`. */
function contentOf(name: string, file: string | undefined, wrong: Map<string, string>): string | undefined {
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    wrong.set(name, `${name}_FILE cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`);
    return undefined;
  }
}
