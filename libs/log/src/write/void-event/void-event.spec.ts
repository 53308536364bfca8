import { newEvent } from '@app/kernel';
import { decider } from '@app/kernel/testing';
import { EventVoided } from '../../events/index.js';
import { type EventToVoid, voidEvent } from './void-event.decide.js';

const voided = newEvent(EventVoided, EventVoided.example);
const { hash } = EventVoided.example;
const found = { subject: 'facts.federation.peer.lisbon', hash, unreadable: 'decode.missing-headers' };
const ask: EventToVoid = { ...EventVoided.example, found };
const { given } = decider(voidEvent);

describe('void-event', () => {
  it('voids what no release can read', () => given().when(ask).then(voided));
  it('writes nothing when the message is voided already', () => given(voided).when(ask).then());
  it('voids anew when the earlier void named another hash', () =>
    given(newEvent(EventVoided, { ...EventVoided.example, hash: 'e'.repeat(64) }))
      .when(ask)
      .then(voided));
  it('refuses a position that holds nothing', () =>
    given()
      .when({ ...ask, found: null })
      .refused('log.message-unknown'));
  it('refuses another hash than the message has', () =>
    given()
      .when({ ...ask, hash: 'e'.repeat(64) })
      .refused('log.hash-differs'));
  it('refuses an event that can be read', () =>
    given()
      .when({ ...ask, found: { ...found, unreadable: null } })
      .refused('log.event-readable'));
  it('refuses an event of a newer release', () =>
    given()
      .when({ ...ask, found: { ...found, unreadable: 'event.unknown' } })
      .refused('log.needs-release'));
  it('refuses a fact about the log itself', () =>
    given()
      .when({ ...ask, found: { ...found, subject: 'facts.log.event.FACTS-1' } })
      .refused('log.not-voidable'));
});
