// The bare client, as one would use it without ours.
import { randomUUID } from 'node:crypto';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';

export const STREAM = 'BASELINE';
/** What the system's own user may write to, so that the server checks both sides alike. */
export const SUBJECTS = 'announce.baseline';

/** A stream with the settings of FACTS, beside it. */
export async function makeStream(admin) {
  const nc = await connect(admin);
  const jsm = await jetstreamManager(nc);
  const { config } = await jsm.streams.info('FACTS');
  await jsm.streams.add({ ...config, name: STREAM, subjects: [`${SUBJECTS}.>`] });
  await nc.close();
}

/** Appends with an id and an exact expectation; answers the position. */
export async function openAppends({ nats: { app: access } }) {
  const nc = await connect(access);
  const js = jetstream(nc);
  return {
    async append(id, data, expected) {
      const { seq } = await js.publish(`${SUBJECTS}.${id}`, JSON.stringify(data), {
        msgID: randomUUID(),
        expect: { lastSubjectSequence: expected },
      });
      return seq;
    },
    close: () => nc.drain(),
  };
}
