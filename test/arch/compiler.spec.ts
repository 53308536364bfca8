import {
  type CallClass,
  type Decide,
  DomainEvent,
  type FactClass,
  type Decider,
  type TelemetryClass,
  newEvent,
  projectionOf,
  refuse,
  rollupOf,
  streamOf,
  tellerOf,
  together,
} from '@app/kernel';
import { problemOf } from '@app/http';
import * as events from '../../libs/federation/src/events/index.js';
import type { LinkReason } from '../../libs/federation/src/peers/events/link-reason.js';
import { SENTENCES } from '../../libs/federation/src/peers/peer-sentences.js';
import { type Peer, peer } from '../../libs/federation/src/peers/peer.stream.js';
import { type Refused, refusals } from '../../libs/federation/src/peers/refusals.js';
import { remotePeer } from '../../libs/federation/src/peers/remote-peer.stream.js';

declare const HeartbeatReceived: TelemetryClass<'federation.heartbeat.received'>;
declare const CallFinished: CallClass<'federation.call.finished'>;
declare const catalogue: typeof events & { HeartbeatReceived: typeof HeartbeatReceived; CallFinished: typeof CallFinished };

const { flapping: _flapping, ...withoutFlapping } = SENTENCES;
const model = { table: 'a', version: 1, key: () => '' };
const gone = () => null;

/** What the compiler refuses. `tsc` is the test: it fails here as soon as one of these lines becomes legal. */
const refusedByTheCompiler = (): unknown[] => [
  // @ts-expect-error -- `evolve` must say what each fact of the stream means.
  streamOf('federation.peer', events).folds<number>({ initial: 0, evolve: { 'federation.peer.registered': () => 1 } }),
  // @ts-expect-error -- telemetry is no fact: nothing folds it.
  streamOf('federation.heartbeat', catalogue),
  // @ts-expect-error -- nor is a call.
  streamOf('federation.call', catalogue),
  // @ts-expect-error -- `reads` and `on` do not agree.
  projectionOf(Row)({ ...model, id: 'n', reads: [events.PeerResumed], on: {} }),
  // @ts-expect-error -- the id is a field of the row.
  projectionOf(Row)({ ...model, id: 'm', reads: [events.PeerResumed], on: { 'federation.peer.resumed': gone } }),
  // @ts-expect-error -- a projection reads facts and calls, no telemetry.
  projectionOf(Row)({ ...model, id: 'n', reads: [HeartbeatReceived], on: { 'federation.heartbeat.received': gone } }),
  // @ts-expect-error -- a roll-up reads telemetry only.
  rollupOf(Row)({ ...model, id: 'n', reads: [events.PeerResumed], on: { 'federation.peer.resumed': gone } }),
  // @ts-expect-error -- each reason has a sentence.
  tellerOf<LinkReason>(withoutFlapping, () => 'All is well.'),
  // @ts-expect-error -- the note is missing.
  newEvent(events.PeerSuspended, { peer_id: events.PeerSuspended.example.peer_id, until: null }),
  // @ts-expect-error -- an instant has a form.
  newEvent(events.PeerSuspended, { ...events.PeerSuspended.example, until: 'tomorrow' }),
  // @ts-expect-error -- an id is of one kind of thing.
  newEvent(events.PeerResumed, { peer_id: 'peer-lisbon' }),
  // @ts-expect-error -- version 2 has no past shape.
  DomainEvent(Gap),
  DomainEvent(thirds.chained), // This one compiles: each shape becomes the next.
  // @ts-expect-error -- the last past shape does not become today's.
  DomainEvent(thirds.same),
  // @ts-expect-error -- the first past shape becomes today's, and not the second.
  DomainEvent(thirds.skipping),
  // @ts-expect-error -- a past shape becomes nothing.
  DomainEvent(thirds.nothing),
  // @ts-expect-error -- the example of a past shape is not one of it.
  DomainEvent(thirds.withoutExample),
  // @ts-expect-error -- a past shape is missing between two.
  DomainEvent(thirds.gap),
  // @ts-expect-error -- a rule cannot decide telemetry.
  ((_state, _asked) => []) satisfies Decide<object, object, typeof HeartbeatReceived>,
  // @ts-expect-error -- nor what became of a call.
  ((_state, _asked) => []) satisfies Decide<object, object, typeof CallFinished>,
  // @ts-expect-error -- a rule writes no other fact than it says.
  (() => [newEvent(events.PeerResumed, events.PeerResumed.example)]) satisfies Decide<object, object, typeof events.PeerSuspended>,
  // @ts-expect-error -- several things are not one of them.
  { on: () => together({ peer: peer.of(''), remote: remotePeer.of('') }), decide: () => [] } satisfies Decider<Peer, object, FactClass>,
  // @ts-expect-error -- not in the context's catalogue of refusals.
  'federation.too-late' satisfies Refused<'federation.too-late'>,
  // @ts-expect-error -- a catalogued code, but not one this rule may answer.
  (() => refuse('federation.peer-unknown')) satisfies Decide<object, object, FactClass, 'federation.until-not-ahead'>,
  // @ts-expect-error -- a code of another module's catalogue would have no words.
  problemOf(refusals, refuse('federation.call-unknown')),
];

class Row {
  n: number;
}
class Third {
  a: string;
  c: number;
}
class Second {
  a: string;
  b: number;
  static readonly example: Second = { a: '', b: 0 };
  static readonly toNext = ({ a, b }: Second): Third => ({ a, c: b });
}
class First {
  a: string;
  static readonly example: First = { a: '' };
  static readonly toNext = ({ a }: First): Second => ({ a, b: 0 });
}
class Same {
  a: string;
  b: number;
  static readonly example: Same = { a: '', b: 0 };
  static readonly toNext = (old: Same): Same => old;
}
class Skipping {
  a: string;
  static readonly example: Skipping = { a: '' };
  static readonly toNext = ({ a }: Skipping): Third => ({ a, c: 0 });
}
class Nothing {
  a: string;
  b: number;
  static readonly example: Nothing = { a: '', b: 0 };
  static readonly toNext = (_old: Nothing): void => undefined;
}
class WithoutExample {
  a: string;
  static readonly example = {};
  static readonly toNext = ({ a }: WithoutExample): Second => ({ a, b: 0 });
}
/** An event in its third version. */
interface ThirdVersion<Past> {
  new (): Third;
  readonly kind: 'fact';
  readonly type: 'federation.peer.chained';
  readonly version: 3;
  readonly past: Past;
  readonly example: Third;
  readonly streamId: (data: Third) => string;
}
declare const thirds: {
  chained: ThirdVersion<{ 1: typeof First; 2: typeof Second }>;
  same: ThirdVersion<{ 1: typeof First; 2: typeof Same }>;
  skipping: ThirdVersion<{ 1: typeof Skipping; 2: typeof Second }>;
  nothing: ThirdVersion<{ 1: typeof First; 2: typeof Nothing }>;
  withoutExample: ThirdVersion<{ 1: typeof WithoutExample; 2: typeof Second }>;
  gap: ThirdVersion<{ 2: typeof Second }>;
};
class Gap {
  static readonly kind = 'fact';
  static readonly type = 'federation.peer.gone';
  static readonly version = 2;
  static readonly past = {};
  static readonly example: Gap = {};
  static readonly streamId = (): string => '';
}

it('is checked by tsc, and never run', () => expect(refusedByTheCompiler).toBeInstanceOf(Function));
