import { IsInt, Min } from 'class-validator';
import { DomainEvent, type Id, IsId, asId, newEvent, projectionOf } from '@app/kernel';
import { rowsOf } from '@app/kernel/testing';
import { PeerRegistered } from '../../libs/federation/src/events/index.js';

class Traffic {
  @IsInt() calls: number;

  @IsInt() registrations: number;
}

/** A call, which no room has yet. */
@DomainEvent
class CallFinished {
  static readonly kind = 'call';
  static readonly type = 'federation.call.finished';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: CallFinished = { call_id: asId('c7f3a09'), peer_id: PeerRegistered.example.peer_id, duration_ms: 1840 };
  static readonly streamId = (data: CallFinished): string => data.call_id;

  @IsId() readonly call_id: Id<'CallId'>;

  @IsId() readonly peer_id: PeerRegistered['peer_id'];

  @IsInt() @Min(0) readonly duration_ms: number;
}

const { peer_id } = PeerRegistered.example;
const registered = newEvent(PeerRegistered, PeerRegistered.example);
const finished = newEvent(CallFinished, CallFinished.example);

const traffic = (onRegistered: (before: Traffic | undefined) => Traffic) =>
  projectionOf(Traffic)({
    table: 'traffic',
    version: 1,
    id: 'calls',
    reads: [PeerRegistered, CallFinished],
    key: (event) => event.data.peer_id,
    on: {
      'federation.peer.registered': onRegistered,
      'federation.call.finished': (before) => ({ registrations: before?.registrations ?? 0, calls: (before?.calls ?? 0) + 1 }),
    },
  });

/** Facts and calls arrive in no order among each other, each by its own checkpoint. */
describe('rowsOf', () => {
  it('accepts handlers that commute', () => {
    const projection = traffic((before) => ({ calls: before?.calls ?? 0, registrations: 1 }));
    expect(rowsOf(projection, registered, finished, finished)).toEqual({ [peer_id]: { registrations: 1, calls: 2 } });
  });

  it('finds a handler that takes itself for the first', () => {
    const projection = traffic(() => ({ calls: 0, registrations: 1 }));
    expect(() => rowsOf(projection, registered, finished, finished)).toThrow('Property failed');
  });
});
