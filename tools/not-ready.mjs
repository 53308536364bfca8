/** Something a person has to do first: a sentence, a code, and what to do. */
export class NotReady extends Error {
  constructor(code, message, next) {
    super(message);
    this.code = code;
    this.next = next;
  }
}

/** Progress. On stderr: what a command answers with is on stdout. */
export const say = (line) => console.error(line);

/** Does the work. A NotReady ends the process with its sentence; anything else is a bug and shows as one. */
export async function orRefuse(work) {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof NotReady)) throw error;
    say(`${error.message} (${error.code})\n${error.next}`);
    process.exitCode = 1;
  }
}
