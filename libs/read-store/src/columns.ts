import { getMetadataStorage } from 'class-validator';
import { unlessNull } from '@app/kernel';

export interface Column {
  readonly name: string;
  readonly type: 'text' | 'bigint' | 'double precision' | 'boolean' | 'jsonb';
  readonly nullable: boolean;
}

type ValidationRule = { name?: string | undefined; type: string; constraints?: unknown[]; each?: boolean; propertyName: string };

/** Decorators that say more than text. What is not named here is text: an instant, an id, one of a list. */
const TYPE: Readonly<Record<string, Column['type']>> = {
  isInt: 'bigint',
  isNumber: 'double precision',
  isBoolean: 'boolean',
  isArray: 'jsonb',
  arrayMaxSize: 'jsonb',
  isDetails: 'jsonb',
  isListOf: 'jsonb',
  isObject: 'jsonb',
  nestedValidation: 'jsonb',
};

/** The columns of a row class, from the same decorators that its validation and its API description come from. */
export function columnsOf(row: new () => object): Column[] {
  const rules = getMetadataStorage().getTargetValidationMetadatas(row, '', true, false) as ValidationRule[];
  const columns = [...Map.groupBy(rules, (rule) => rule.propertyName)].map(([name, of]) => columnOf(name, of));
  if (columns.length === 0) throw new Error(`${row.name} has no field with a decorator, so it is no row`);
  return columns;
}

function columnOf(name: string, rules: readonly ValidationRule[]): Column {
  const nullable = rules.some((rule) => rule.constraints?.[0] === unlessNull);
  if (rules.some((rule) => rule.each)) return { name, type: 'jsonb', nullable };
  const types = new Set(rules.flatMap((rule) => TYPE[rule.name ?? rule.type] ?? []));
  if (types.size > 1) throw new Error(`${name} would be ${[...types].join(' and ')} at once`);
  return { name, type: [...types][0] ?? 'text', nullable };
}

/** As a definition in `CREATE TABLE`. */
export const columnSql = ({ name, type, nullable }: Column): string =>
  `"${name}" ${type}${type === 'text' ? ' COLLATE "C"' : ''}${nullable ? '' : ' NOT NULL'}`;
