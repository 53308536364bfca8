import { type Decider, newEvent } from '@app/kernel';
import { StreamAccepted } from '../../events/index.js';
import { acceptedStream } from '../../stream.stream.js';

/** What is asked is what happens: whoever asks has examined the log. */
export const acceptStream: Decider<number, StreamAccepted, typeof StreamAccepted> = {
  on: ({ stream }) => acceptedStream.of(stream),
  decide: (_times, { data }) => [newEvent(StreamAccepted, data)],
};
