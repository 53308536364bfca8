import fc from 'fast-check';
import { type NewEvent, type Decider, asId, isRefusal } from '@app/kernel';
import { NOW, stored } from '@app/kernel/testing';
import { type PeerId, PeerRegistered } from './events/index.js';
import { peer } from './peer.stream.js';
import { remotePeer } from './remote-peer.stream.js';
import { registerPeer } from './write/register-peer/register-peer.decide.js';
import { removePeer } from './write/remove-peer/remove-peer.decide.js';

/** The log a rule decides on and writes to, all in one place. */
class Log {
  private readonly facts: NewEvent[] = [];

  ask<Data>({ on, decide }: Decider<any, Data, any, string>, data: Data): void {
    const { subjects, fold } = on(data);
    const decision = decide(fold(subjects.map((subject) => this.of(subject))), { data, at: NOW, actor: 'test' });
    if (!isRefusal(decision)) this.facts.push(...(decision as NewEvent[]));
  }

  state<State>({ subjects, fold }: { subjects: readonly string[]; fold: (aggregates: ReturnType<Log['of']>[]) => State }): State {
    return fold(subjects.map((subject) => this.of(subject)));
  }

  private of(subject: string) {
    return this.facts.filter((fact) => fact.subject === subject).map((fact, i) => stored(fact, i + 1));
  }
}

const INSTANCES = ['inst-x', 'inst-y'];
const PEERS = ['peer-a', 'peer-b', 'peer-c', 'peer-d'].map((id) => asId<PeerId>(id));
const NEWCOMER = asId<PeerId>('peer-new');

interface Step {
  what: string;
  peer_id: PeerId;
  remote: string;
}
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('register', 'remove'),
  peer_id: fc.constantFrom(...PEERS),
  remote: fc.constantFrom(...INSTANCES),
});

const register = (log: Log, peer_id: PeerId, remote_peer_id: string): void =>
  log.ask(registerPeer, { ...PeerRegistered.example, peer_id, remote_peer_id, instance_id: 'inst-home' });

/** Carries the steps out, one after the other; `after` looks at the log after each. */
function play(steps: readonly Step[], after: (log: Log) => void = () => undefined): Log {
  const log = new Log();
  for (const { what, peer_id, remote } of steps) {
    const known = log.state(peer.of(peer_id));
    if (what === 'register') register(log, peer_id, remote);
    else if (known.status !== 'unknown') log.ask(removePeer, { peer_id, remote_peer_id: known.remote_peer_id });
    after(log);
  }
  return log;
}

const isRegisteredAs = (log: Log, id: PeerId, instance: string): boolean => {
  const known = log.state(peer.of(id));
  return known.status === 'pending' && known.remote_peer_id === instance;
};

it('an instance is reserved by exactly the one peer that is registered as it, after every command', () => {
  const agrees = (log: Log): void => {
    for (const instance of INSTANCES) {
      const { peer_id: holder } = log.state(remotePeer.of(instance));
      expect(PEERS.filter((id) => isRegisteredAs(log, id, instance))).toEqual(holder === null ? [] : [holder]);
    }
  };
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => void play(steps, agrees)));
});

it('an instance can be registered exactly when nobody has it, whatever happened before', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.constantFrom(...INSTANCES), (steps, instance) => {
      const log = play(steps);
      const isFree = log.state(remotePeer.of(instance)).peer_id === null;
      register(log, NEWCOMER, instance);
      expect(isRegisteredAs(log, NEWCOMER, instance)).toBe(isFree);
    }),
  );
});
