import { IsString } from 'class-validator';
import { type AnyFold, IsNullable } from '@app/kernel';
import { type TableShape, differencesOf, shapeOf } from '@app/read-store';
import { allContexts } from '../contexts.js';
import { goldenIn, released } from './golden-files.js';

const folds = (await allContexts()).flatMap((context) => context.projections);
const shapes = goldenIn('read-models');
const goldenOf = (table: string, version: number): TableShape => shapes.read(`${table}@${version}`) as TableShape;

const WHAT_TO_DO = {
  projection: 'Raise `version` in the projection: the new table is built beside the old one.',
  rollup: 'Raise `version` in the roll-up, and declare in `migrate` what its rows get in the next version.',
} as const;

/** What is wrong with a table that changed within its version, and what to do; null: it did not change. */
function changed(fold: AnyFold, golden: TableShape): string | null {
  const differences = differencesOf(shapeOf(fold), golden);
  return differences.length === 0
    ? null
    : `${fold.table}@${fold.version} as it was released differs: ${differences.join('; ')}. ${WHAT_TO_DO[fold.kind]}`;
}

/** The same of the migrations of a roll-up: from each version that was released to the next. */
function notMigrated({ table, version, migrate = {} }: AnyFold, golden: (version: number) => TableShape): string | null {
  for (let next = 2; next <= version; next++) {
    const { adds = {}, drops = [] } = migrate[next] ?? {};
    const names = new Set([...golden(next - 1).columns.map(({ name }) => name), ...Object.keys(adds)]);
    for (const name of drops) names.delete(name);
    const isComplete =
      [...names].sort().join() ===
      golden(next)
        .columns.map(({ name }) => name)
        .join();
    if (migrate[next] === undefined || !isComplete) return `${table}: \`migrate\` does not lead from version ${next - 1} to ${next}.`;
  }
  return null;
}

/** One file for each version of a table: files are added, never edited. */
describe.each(folds.map((fold) => [fold.table, fold] as const))('%s', (table, fold) => {
  it('has the columns, the key and the indexes that its version was released with', () => {
    expect(changed(fold, released(shapes, `${table}@${fold.version}`, shapeOf(fold)))).toBeNull();
  });

  if (fold.kind === 'rollup')
    it('is migrated from each version to the next', () => {
      expect(notMigrated(fold, (version) => goldenOf(table, version))).toBeNull();
    });
});

describe('a read model that changed', () => {
  const [projection, rollup] = (['projection', 'rollup'] as const).map((kind) => folds.find((fold) => fold.kind === kind)) as [
    AnyFold,
    AnyFold,
  ];
  const withNote = (fold: AnyFold): AnyFold => {
    class Row extends fold.row {
      @IsNullable() @IsString() a_note: string | null;
    }
    return { ...fold, row: Row };
  };

  it('fails without a new version, and the test says what to do', () => {
    expect(changed(withNote(projection), shapeOf(projection))).toMatch(/column a_note is missing\. Raise `version` in the projection/);
    expect(changed(withNote(rollup), shapeOf(rollup))).toMatch(/column a_note is missing\. Raise `version` in the roll-up, and declare/);
    expect(changed({ ...projection, indexes: [[projection.id]] }, shapeOf(projection))).toMatch(/index \w+_1 is/);
  });

  it('fails in a new version of a roll-up to which no migration leads', () => {
    const golden = (version: number): TableShape => shapeOf(version === 1 ? rollup : withNote(rollup));
    const next = { ...withNote(rollup), version: 2 };
    expect(notMigrated(next, golden)).toMatch(/`migrate` does not lead from version 1 to 2/);
    expect(notMigrated({ ...next, migrate: { 2: {} } }, golden)).toMatch(/`migrate` does not lead/);
    expect(notMigrated({ ...next, migrate: { 2: { adds: { a_note: null } } } }, golden)).toBeNull();
  });
});
