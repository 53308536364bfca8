/** What the process ends with. Public: units of systemd and scripts branch on it. */
export const EXIT = { ok: 0, failed: 1, usage: 2, refused: 5, unreachable: 6 } as const;

const CODES = {
  'agent.usage': EXIT.usage,
  'agent.insecure': EXIT.usage,
  'agent.joined-already': EXIT.usage,
  'agent.not-joined': EXIT.usage,
  'agent.runs-already': EXIT.failed,
  'agent.not-running': EXIT.failed,
  'agent.silent': EXIT.failed,
  'agent.key-lost': EXIT.failed,
  'agent.key-not-shown': EXIT.failed,
  'agent.key-differs': EXIT.refused,
  'agent.state-unreadable': EXIT.failed,
  'agent.state-unwritable': EXIT.failed,
  'agent.disk-full': EXIT.failed,
  'agent.join-refused': EXIT.refused,
  'agent.server-refused': EXIT.refused,
  'agent.wrong-port': EXIT.failed,
  'agent.not-an-answer': EXIT.failed,
  'agent.unreachable': EXIT.unreachable,
  'agent.bug': EXIT.failed,
} as const satisfies Record<string, number>;

/** Why a command did not do what it was asked for: a sentence, and what to do next. Told once, in `main`. */
export class Failure extends Error {
  readonly exit: number;

  constructor(
    readonly code: keyof typeof CODES,
    sentence: string,
    readonly next: string,
  ) {
    super(sentence);
    this.exit = CODES[code];
  }
}

const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT'];
/** Whether an error says that a disk, or what a user may have of it, is full. */
export const isDiskFull = (error: unknown): boolean => FULL.includes((error as NodeJS.ErrnoException | undefined)?.code);

/** What cannot be written for want of space. */
export const diskFull = (path: string): Failure =>
  new Failure(
    'agent.disk-full',
    `${path} cannot be written: its disk is full`,
    'free space there, or name a directory on another disk by --state',
  );

/** The message of whatever was thrown, for a sentence. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
