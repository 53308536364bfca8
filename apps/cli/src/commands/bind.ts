import { InvalidArgumentError, type Option } from 'commander';
import { METHOD_CLASSES } from '../contract.js';
import { option } from '../grammar.js';

/** A binding as it is typed: `*` where it is null. */
type Bind = readonly [peer: string, agent: string, method_class: string];

const FORM = 'Give one as <peer>, <peer>/<agent> or <peer>/<agent>/<class>, with * for any';

/** `--bind`, as often as it is needed. */
export const bindings = (): Option =>
  option('--bind <peer/agent/class>', 'calls that a caller may make; * is any, and what is left out as well; may be repeated').argParser(
    (text: string, before: readonly Bind[] | undefined): readonly Bind[] => [...(before ?? []), bindOf(text)],
  );

function bindOf(text: string): Bind {
  const parts = text.split('/');
  if (parts.length > 3 || parts.some((part) => part === '')) throw new InvalidArgumentError(`${FORM}.`);
  const [peer = '*', agent = '*', method_class = '*'] = parts;
  if (method_class !== '*' && !METHOD_CLASSES.some((each) => each === method_class))
    throw new InvalidArgumentError(`The class is one of ${METHOD_CLASSES.join(', ')}, or *.`);
  return [peer, agent, method_class];
}

export type Binds = readonly Bind[];
