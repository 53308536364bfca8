import type { Problem } from './contract.js';

/** What the process ends with. Public: scripts branch on it. */
export const EXIT = {
  answered: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  loginNeeded: 4,
  denied: 5,
  unreachable: 6,
  degraded: 10,
  down: 11,
  unknown: 12,
  interrupted: 130,
} as const;

/** Every problem that is `ap`'s own, not the server's: code, exit code and title. */
const OWN = {
  'cli.usage': [EXIT.usage, 'Not understood'],
  'cli.not-confirmed': [EXIT.usage, 'Not confirmed'],
  'cli.peer-ambiguous': [EXIT.usage, 'Several peers'],
  'cli.peer-unknown': [EXIT.notFound, 'Peer unknown'],
  'cli.link-not-good': [EXIT.failed, 'Link not good'],
  'cli.agent-ambiguous': [EXIT.usage, 'Several edge agents'],
  'cli.agent-unknown': [EXIT.notFound, 'Edge agent unknown'],
  'cli.rebuild-stopped': [EXIT.failed, 'Rebuild stopped'],
  'cli.waited-in-vain': [EXIT.failed, 'Waited in vain'],
  'cli.profile-unknown': [EXIT.notFound, 'Profile unknown'],
  'cli.profiles-unreadable': [EXIT.failed, 'Profiles not readable'],
  'cli.profiles-unwritable': [EXIT.failed, 'Profiles not writable'],
  'cli.insecure': [EXIT.usage, 'Token would travel in clear'],
  'cli.unreachable': [EXIT.unreachable, 'Unreachable'],
  'cli.timeout': [EXIT.unreachable, 'No answer in time'],
  'cli.not-an-answer': [EXIT.failed, 'Not an answer'],
  'cli.interrupted': [EXIT.interrupted, 'Interrupted'],
  'cli.bug': [EXIT.failed, 'Fault in ap'],
  'access.login-needed': [EXIT.loginNeeded, 'Login needed'],
} as const satisfies Record<string, readonly [number, string]>;

/** Why a command did not answer. Thrown through the command, told once, in `main`. */
export class Failure extends Error {
  constructor(
    readonly exit: number,
    readonly problem: Problem,
  ) {
    super(problem.detail);
  }
}

export type OwnCode = keyof typeof OWN;

export function failure(code: OwnCode, detail: string, next: string, facts?: Problem['facts']): Failure {
  const [exit, title] = OWN[code];
  return new Failure(exit, { type: `urn:problem:${code}`, title, code, detail, next, ...(facts === undefined ? {} : { facts }) });
}

/** A problem the server told. `next` may be put better by who knows the command line. */
export function refused(problem: Problem & { status: number }): Failure {
  return new Failure(exitOf(problem.status), problem);
}

function exitOf(status: number): number {
  switch (status) {
    case 400: // A value that came from the command line is not as the API describes it.
      return EXIT.usage;
    case 401:
      return EXIT.loginNeeded;
    case 403:
      return EXIT.denied;
    case 404:
      return EXIT.notFound;
    default:
      return EXIT.failed;
  }
}
