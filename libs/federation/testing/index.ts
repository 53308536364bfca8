import type { LoggerService, Provider, Type } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { openDoor } from '@app/http';
import { asId, newEvent } from '@app/kernel';
import { later } from '@app/kernel/testing';
import {
  PeerLabelled,
  type PeerId,
  PeerRegistered,
  PeerRemoved,
  PeerResumed,
  PeerStatusChanged,
  PeerSuspended,
  PeerVerified,
  RemotePeerReleased,
  RemotePeerReserved,
} from '../src/events/index.js';

/** The facts of one peer, to tell histories with. */
export const about = { peer_id: asId<PeerId>('peer-lisbon') };
export const remote = { remote_peer_id: 'inst-7f3q', ...about };
export const registered = newEvent(PeerRegistered, { ...PeerRegistered.example, ...remote });
export const reserved = newEvent(RemotePeerReserved, remote);
export const labelled = newEvent(PeerLabelled, { ...about, label: 'Lisbon, third hall' });
export const verified = newEvent(PeerVerified, about);
export const suspended = newEvent(PeerSuspended, { ...about, note: 'key rotation', until: later(60) });
export const statusChanged = (
  from: PeerStatusChanged['from'],
  to: PeerStatusChanged['to'],
  reason: PeerStatusChanged['reason'] = 'connect_refused',
) => newEvent(PeerStatusChanged, { ...PeerStatusChanged.example, ...about, from, to, reason });
export const resumed = newEvent(PeerResumed, about);
export const removed = newEvent(PeerRemoved, about);
export const released = newEvent(RemotePeerReleased, remote);

export interface Answered {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

export interface Door {
  readonly app: NestFastifyApplication;
  /** `body` as it is when it is text, else as JSON. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answered>;
  close(): Promise<void>;
}

/** Controllers behind real HTTP on a free port of loopback; what they are injected is given. */
export async function doorOf(
  controllers: readonly Type[],
  providers: readonly Provider[],
  logger: LoggerService | false = false,
): Promise<Door> {
  const module = await Test.createTestingModule({ controllers: [...controllers], providers: [...providers] }).compile();
  const app = openDoor(module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger }));
  await app.listen(0, '127.0.0.1');
  const root = `${await app.getUrl()}/api/v1/infrastructure/`;
  return {
    app,
    ask: async (method, path, body, headers = {}) => {
      const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await fetch(root + path, { method, headers: { ...type, ...headers }, ...sent });
      return { status: answer.status, type: answer.headers.get('content-type'), body: await answer.json() };
    },
    close: () => app.close(),
  };
}
