import fc from 'fast-check';
import { decider } from '@app/kernel/testing';
import { about, registered, removed, resumed, statusChanged, suspended, verified } from '../../../../testing/index.js';
import { PEER_STATUSES } from '../../events/peer-status.js';
import { changePeerStatus } from './change-peer-status.decide.js';

const { given } = decider(changePeerStatus);
const change = (...args: Parameters<typeof statusChanged>) => statusChanged(...args).data;

describe('change-peer-status', () => {
  it('makes the first status on an active peer a fact', () =>
    given(registered, verified)
      .when(change('unknown', 'connected', null))
      .then(statusChanged('unknown', 'connected', null)));
  it('makes a change a fact', () =>
    given(registered, verified, statusChanged('unknown', 'connected', null))
      .when(change('connected', 'disconnected'))
      .then(statusChanged('connected', 'disconnected')));
  it('makes another reason a fact', () =>
    given(registered, verified, statusChanged('unknown', 'disconnected'))
      .when(change('disconnected', 'disconnected', 'heartbeat_timeout'))
      .then(statusChanged('disconnected', 'disconnected', 'heartbeat_timeout')));
  it('says of a pending peer what is missing', () =>
    given(registered)
      .when(change('pending', 'pending', 'auth_rejected'))
      .then(statusChanged('pending', 'pending', 'auth_rejected')));
  it('says nothing when another process came to the same', () =>
    given(registered, verified, statusChanged('unknown', 'disconnected')).when(change('connected', 'disconnected')).then());
  it('gives way to another verdict', () =>
    given(registered, verified, statusChanged('unknown', 'connected', null))
      .when(change('degraded', 'disconnected'))
      .refused('federation.verdict-overtaken'));

  it.each([
    ['a suspension', [registered, verified, statusChanged('unknown', 'connected', null), suspended], 'connected'],
    ['its end', [registered, verified, statusChanged('unknown', 'connected', null), suspended, resumed], 'connected'],
    ['the challenge', [registered, statusChanged('pending', 'auth_failed'), verified], 'auth_failed'],
  ] as const)('gives way to %s', (_what, facts, from) =>
    given(...facts)
      .when(change(from, 'disconnected'))
      .refused('federation.verdict-overtaken'),
  );

  it('says nothing of a suspended peer, whatever it starts from', () => {
    for (const from of PEER_STATUSES)
      given(registered, verified, suspended)
        .when(change(from, 'connected', null))
        .refused('federation.verdict-overtaken');
  });

  it('knows no peer that was never registered, or is removed', () => {
    given()
      .when(change('unknown', 'connected', null))
      .refused('federation.peer-unknown');
    given(registered, removed).when(change('pending', 'auth_failed')).refused('federation.peer-unknown');
  });

  it('keeps the chain: each fact starts where the one before ended, whoever asks for what', () => {
    const asked = fc.record({ from: fc.constantFrom(...PEER_STATUSES), to: fc.constantFrom(...PEER_STATUSES) });
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 12 }), (asks) => {
        const facts: ReturnType<typeof statusChanged>[] = [];
        for (const { from, to } of asks) {
          const last = facts.at(-1)?.data.to ?? 'unknown';
          const said = given(registered, verified, ...facts).when({ ...about, ...change(from, to) });
          if (last === to && facts.length > 0) said.then();
          else if (last !== from) said.refused('federation.verdict-overtaken');
          else {
            said.then(statusChanged(from, to));
            facts.push(statusChanged(from, to));
          }
        }
      }),
    );
  });
});
