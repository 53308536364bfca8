import { JetStreamApiError } from '@nats-io/jetstream';
import { JetStreamStatusError, jserrors } from '@nats-io/jetstream/internal';
import { errors } from '@nats-io/transport-node';
import { LogUnavailable } from './errors.js';

/** No leader just now, or none that can be reached. */
const NO_LEADER = new Set([10008, 10009, 10023]);
export const noLeader = ({ code }: JetStreamApiError): boolean => NO_LEADER.has(code);

/** On a cluster: an earlier attempt with the same id is on its way through the group, and may yet be stored or come to nothing. */
export const ID_IN_FLIGHT = 10158;

const NO_RESPONDERS = 503;
const SILENT = [
  LogUnavailable,
  errors.TimeoutError,
  errors.RequestError,
  errors.NoRespondersError,
  errors.ConnectionError,
  errors.ClosedConnectionError,
  errors.DrainingConnectionError, // This process ends.
  jserrors.JetStreamNotEnabled, // What the client makes of a request that nobody hears.
];

/** Whether an error says that nothing came back, as opposed to a no. */
export const isUnavailable = (error: unknown): boolean =>
  SILENT.some((kind) => error instanceof kind) ||
  (error instanceof JetStreamApiError && (noLeader(error) || error.code === ID_IN_FLIGHT)) ||
  (error instanceof JetStreamStatusError && error.code === NO_RESPONDERS);

/** `ask`, with silence as the one error that says so. Throws `LogUnavailable`. */
export async function withUnavailable<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof LogUnavailable) throw error;
    throw isUnavailable(error) ? new LogUnavailable('the event log does not answer', { cause: error }) : error;
  }
}
