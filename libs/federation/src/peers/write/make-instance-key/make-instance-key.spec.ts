import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { InstanceKeyMade } from '../../events/index.js';
import { makeInstanceKey } from './make-instance-key.decide.js';

const { given } = decider(makeInstanceKey);
const first = newEvent(InstanceKeyMade, InstanceKeyMade.example);
const second = newEvent(InstanceKeyMade, { ...InstanceKeyMade.example, key_id: 'key-2' });

describe('make-instance-key', () => {
  it('makes the first key', () =>
    given()
      .when({ ...first.data, replaces: null })
      .then(first));
  it('makes no second one by itself', () =>
    given(first)
      .when({ ...second.data, replaces: null })
      .then());
  it('replaces the key that an operator gives up', () =>
    given(first)
      .when({ ...second.data, replaces: first.data.key_id })
      .then(second));
  it('does not replace a key that was replaced meanwhile', () =>
    given(first, second)
      .when({ ...second.data, key_id: 'key-3', replaces: first.data.key_id })
      .then());
});
