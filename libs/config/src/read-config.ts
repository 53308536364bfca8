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

/**
 * The environment as an instance of `shape`, whose fields are named as the variables are: read once, where a process starts. A
 * variable `X` may be given as `X_FILE`, the path of a file that holds it. An empty variable is an absent one. Throws `ConfigInvalid`.
 */
export function readConfig<C extends object>(shape: new () => C, env: NodeJS.ProcessEnv = process.env): Readonly<C> {
  const given: Record<string, string> = {};
  for (const name of variablesOf(shape)) {
    const value = env[name] || contentOf(name, env[`${name}_FILE`]);
    if (value !== undefined && value !== '') given[name] = value;
  }
  const config = plainToInstance(shape, given);
  const violations = violationsOf(validateSync(config, STRICT));
  if (violations.length > 0) throw new ConfigInvalid(violations.map(({ message }) => message).join('; '));
  return Object.freeze(config);
}

function contentOf(name: string, file: string | undefined): string | undefined {
  if (file === undefined || file === '') return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new ConfigInvalid(`${name}_FILE cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}`, { cause: error });
  }
}
