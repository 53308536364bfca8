import { type Msg, type NatsConnection, errors } from '@nats-io/transport-node';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { STRICT, violationsOf, messageOf } from '@app/kernel';
import { RequestReply, Unanswered } from './request-reply.js';
import { isUnavailable } from './unavailable.js';

type Reply = { readonly answer: object } | { readonly failed: string };

const SUBJECT = (name: string): string => `ask.${name}`;

/** Over core NATS. Whoever may publish on `ask.>` may ask, so that nonsense must be expected. */
export class NatsRequestReply extends RequestReply {
  constructor(private readonly nc: NatsConnection) {
    super();
  }

  async ask<Answer extends object>(name: string, request: object, timeoutMs: number): Promise<Answer> {
    const reply = (await this.request(name, request, timeoutMs)).json<Reply>();
    if ('failed' in reply) throw new Error(`${name}: ${reply.failed}`);
    return reply.answer as Answer;
  }

  private async request(name: string, request: object, timeoutMs: number): Promise<Msg> {
    try {
      return await this.nc.request(SUBJECT(name), JSON.stringify(request), { timeout: timeoutMs });
    } catch (error) {
      throw isUnavailable(error) || error instanceof errors.NoRespondersError ? new Unanswered(name, { cause: error }) : error;
    }
  }

  answer<Request extends object>(
    name: string,
    shape: new () => Request,
    answer: (request: Request) => Promise<object | undefined>,
    { sole } = { sole: true },
  ): () => void {
    const reply = async (message: Msg): Promise<Reply | undefined> => {
      try {
        const answered = await answer(understood(shape, message));
        return answered === undefined ? undefined : { answer: answered };
      } catch (error) {
        return { failed: messageOf(error) };
      }
    };
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) void reply(message).then((said) => said !== undefined && message.respond(JSON.stringify(said)));
    };
    const subscription = this.nc.subscribe(SUBJECT(name), { callback, ...(sole ? { queue: 'answers' } : {}) });
    return () => subscription.unsubscribe();
  }
}

function understood<Request extends object>(shape: new () => Request, message: Msg): Request {
  const request = plainToInstance(shape, message.json<object>());
  const violations = violationsOf(validateSync(request, STRICT));
  if (violations.length > 0) throw new Error(`not understood: ${violations.map(({ message: said }) => said).join('; ')}`);
  return request;
}
