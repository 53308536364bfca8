import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const MODES = ['single', 'cluster'];

/** The command line of `npm run chaos`. Only what Node 20 brings. */
export function askedBy(args) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      minutes: { type: 'string', default: '2' },
      single: { type: 'boolean', default: false },
      cluster: { type: 'boolean', default: false },
      report: { type: 'string' },
    },
  });
  const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed);
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('--seed must be a whole number, 0 or more.');
  const minutes = Number(values.minutes);
  if (!(minutes > 0 && minutes <= 1_440)) throw new Error('--minutes must be more than 0, and 1440 at most.');
  const modes = MODES.filter((mode) => values[mode]);
  return { seed, minutes, modes: modes.length === 0 ? MODES : modes, report: values.report === undefined ? null : resolve(values.report) };
}
