import { JetStreamApiError } from '@nats-io/jetstream';
import { LogUnavailable } from './errors.js';
import { withUnavailable } from './unavailable.js';

const no = (err_code: number) => new JetStreamApiError({ code: 400, err_code, description: 'no' });
const ask = (error: Error) => withUnavailable(() => Promise.reject(error));

it.each([
  [10008, 'the cluster has no leader'],
  [10009, 'the server is not the leader'],
  [10023, 'the servers are too few'],
  [10158, 'an earlier attempt with this id is on its way through the group'],
])('takes %d for silence: %s', async (code) => {
  await expect(ask(no(code))).rejects.toBeInstanceOf(LogUnavailable);
});

it('passes every other answer of the server on', async () => {
  await expect(ask(no(10077))).rejects.toMatchObject({ code: 10077 });
});
