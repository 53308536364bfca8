/** Nobody answered in time: no process that could is running, or it hangs. */
export class Unanswered extends Error {
  readonly code = 'event-store.unanswered';

  constructor(name: string, options?: ErrorOptions) {
    super(`nobody answered ${name}`, options);
  }
}

/** Live questions from one process to another: to whichever holds the socket, or may reach the network. Nothing of them is kept. */
export abstract class RequestReply {
  /** Asks the processes that answer `name` (`edge.ping-agent`). Throws `Unanswered`, and an error with the answerer's words when it failed. */
  abstract ask<Answer extends object>(name: string, request: object, timeoutMs: number): Promise<Answer>;

  /**
   * Answers every question of that name from now on; returns how to stop. What is no `shape` is not handed over. With `sole: false` every
   * process hears every question, and one that answers undefined leaves it to the others.
   */
  abstract answer<Request extends object>(
    name: string,
    shape: new () => Request,
    answer: (request: Request) => Promise<object | undefined>,
    how?: { readonly sole: boolean },
  ): () => void;
}
