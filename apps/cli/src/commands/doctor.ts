import type { Api } from '../api.js';
import type { Answer, Doctor, DoctorCheck, Health } from '../contract.js';
import type { Context } from '../context.js';
import { EXIT, Failure } from '../failure.js';
import { asCalled } from '../view/called.js';
import { plain } from '../view/plain.js';
import type { Canvas } from '../view/table.js';
import { wrapped } from '../view/wrap.js';
import { clock, colourOf, state } from '../view/words.js';

type State = DoctorCheck['state'];
const STATES: readonly State[] = ['fail', 'warn', 'ok'];
const HEALTH: Record<State, Health> = { fail: 'down', warn: 'degraded', ok: 'up' };
const EXIT_OF: Record<State, number> = { fail: EXIT.down, warn: EXIT.degraded, ok: EXIT.answered };

interface Options {
  exitStatus?: boolean;
}

/** `ap infrastructure doctor`: every check, the worst first, and what to do. */
export async function runDoctor(context: Context, { exitStatus }: Options): Promise<number> {
  const api = await context.api();
  const answer = await examined(context, api);
  const checks = answer.data.checks.toSorted((a, b) => rankOf(a) - rankOf(b));
  context.output.data('ap.infra.doctor/v1', { ...answer, data: { ...answer.data, checks } }, (canvas) => [
    summaryOf(answer, canvas),
    ...checks.flatMap(({ next, ...check }) => linesOf({ ...check, next: next && asCalled(next, context.terminal.env) }, canvas)),
  ]);
  return exitStatus ? EXIT_OF[worstOf(checks)] : EXIT.answered;
}

/** A newer server may know a fourth state: it is no worse than a failure. */
const rankOf = ({ state: of }: DoctorCheck): number => Math.max(0, STATES.indexOf(of));
const worstOf = (checks: readonly DoctorCheck[]): State => STATES[Math.min(STATES.length - 1, ...checks.map(rankOf))] ?? 'ok';

function summaryOf({ as_of, data: { checks, release, instance_id } }: Answer<Doctor>, canvas: Canvas): string {
  const counts = STATES.map((one) => `${checks.filter((check) => check.state === one).length} ${one}`).join(', ');
  const summary = `${counts} · as of ${clock(as_of)}`;
  return `${canvas.paint(summary, colourOf(HEALTH[worstOf(checks)]))}\n${plain(`${instance_id} · release ${release}`)}`;
}

const INDENT = '  ';

/** The state and what was looked at, then what was found, then what to do. */
function linesOf({ title, state: of, detail, next }: DoctorCheck, { paint, columns }: Canvas): string[] {
  const shown = state(of, HEALTH[of] ?? 'unknown');
  const head = typeof shown === 'string' ? shown : paint(shown.text.padEnd(6), shown.colour);
  const below = (text: string): string[] => wrapped(plain(text), columns, INDENT);
  return [`${head} ${plain(title)}`, ...below(detail), ...(next === null ? [] : below(`next: ${next}`))];
}

/** Where the API gives no answer, what can be looked at beside it is told before the failure. */
async function examined({ output }: Context, api: Api): Promise<Answer<Doctor>> {
  try {
    return await api.get<Doctor>('/doctor');
  } catch (error) {
    if (error instanceof Failure && isSilent(error)) for (const line of ON_THE_HOST(api.base)) output.hint(line);
    throw error;
  }
}

const isSilent = ({ exit, problem }: Failure): boolean => exit === EXIT.unreachable || problem.status === 503;

const ON_THE_HOST = (base: string): string[] => [
  'The API, which the doctor is asked through, gives no answer. On its host:',
  `  is it ready?           curl -sS ${base}/readyz`,
  '  what did it say last?  its stderr: one line of JSON an entry',
  '  do the servers run?    DATA_DIR/servers/<name>/<name>.log',
  '  has the disk space?    df -h DATA_DIR',
];
