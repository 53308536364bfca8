import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { StreamAccepted } from '../../events/index.js';
import { acceptStream } from './accept-stream.decide.js';

const accepted = newEvent(StreamAccepted, StreamAccepted.example);
const { given } = decider(acceptStream);

describe('accept-stream', () => {
  it('writes what was accepted, by whom', () => given().when(StreamAccepted.example).then(accepted));
  it('writes it again when the stream is accepted another time', () => given(accepted).when(StreamAccepted.example).then(accepted));
});
