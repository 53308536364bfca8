import { textOf } from './compose.js';

export interface Instruction {
  readonly name: string;
  readonly args: string;
}

export interface Stage {
  readonly from: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/** The Dockerfile, stage by stage, its `ARG`s before the first stage replaced. */
export function readDockerfile(): Stage[] {
  const lines = textOf('Dockerfile')
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const args = new Map<string, string>();
  const stages: { from: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === 'ARG' && stages.length === 0) args.set(...(rest.split('=') as [string, string]));
    else if (name === 'FROM') {
      const [, from = '', as] =
        /^(\S+)(?:\s+AS\s+(\S+))?$/.exec(rest.replace(/\$\{(\w+)\}/g, (_, arg: string) => args.get(arg) ?? '')) ?? [];
      stages.push({ from, name: as, instructions: [] });
    } else stages.at(-1)?.instructions.push({ name, args: rest });
  }
  return stages;
}

export interface Copy {
  /** The stage it is taken from; undefined: the directory that is built from. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export const copiesOf = ({ instructions }: Stage): Copy[] =>
  instructions
    .filter(({ name }) => name === 'COPY')
    .map(({ args }) => {
      const [, from, paths = ''] = /^(?:--from=(\S+)\s+)?(.*)$/.exec(args) ?? [];
      const all = paths.split(/\s+/);
      return { from, sources: all.slice(0, -1), target: all.at(-1) ?? '' };
    });

/** What the last instruction of that name in a stage says, where it must be in the exec form: a list, run without a shell. */
export function execForm({ instructions }: Stage, name: 'ENTRYPOINT' | 'HEALTHCHECK'): string[] {
  const said = instructions.findLast((each) => each.name === name)?.args ?? '';
  const form = /(?:^|\bCMD\s+)(\[.*\])$/.exec(said)?.[1];
  if (form === undefined) throw new Error(`${name} is not in the exec form: ${said}`);
  return JSON.parse(form) as string[];
}
