import type { LoggerService, Provider, Type } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { openDoor } from '@app/http';
import { asId, newEvent } from '@app/kernel';
import {
  AgentEnrolled,
  type AgentId,
  AgentRevoked,
  AgentStatusChanged,
  AgentSynced,
  JoinTokenIssued,
  JoinTokenRedeemed,
  type SessionId,
  TunnelConnected,
  TunnelDisconnected,
  TunnelSuperseded,
} from '../src/events/index.js';

/** The facts of one agent, to tell histories with. */
export const about = { agent_id: asId<AgentId>('agent-berlin') };
export const token = { join_token_id: JoinTokenIssued.example.join_token_id };
export const issued = newEvent(JoinTokenIssued, JoinTokenIssued.example);
export const redeemed = newEvent(JoinTokenRedeemed, { ...token, ...about });
export const enrolled = newEvent(AgentEnrolled, { ...AgentEnrolled.example, ...about });
export const revoked = newEvent(AgentRevoked, { ...AgentRevoked.example, ...about });
export const synced = newEvent(AgentSynced, { ...AgentSynced.example, ...about });
export const changed = (
  from: AgentStatusChanged['from'],
  to: AgentStatusChanged['to'],
  reason: AgentStatusChanged['reason'] = 'connection_lost',
) => newEvent(AgentStatusChanged, { ...AgentStatusChanged.example, ...about, from, to, reason });

export const session = (n: number): SessionId => asId<SessionId>(`session-${n}`);
export const connected = (epoch: number) =>
  newEvent(TunnelConnected, { ...TunnelConnected.example, ...about, session_id: session(epoch), epoch });
export const disconnected = (epoch: number, more: Partial<TunnelDisconnected> = {}) =>
  newEvent(TunnelDisconnected, { ...TunnelDisconnected.example, ...about, session_id: session(epoch), epoch, ...more });
export const superseded = (epoch: number, connected_ms = 86_214) =>
  newEvent(TunnelSuperseded, { ...about, session_id: session(epoch), epoch, by_session_id: session(epoch + 1), connected_ms });

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

export interface Door {
  readonly app: NestFastifyApplication;
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
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' };
      const answer = await fetch(root + path, { method, headers: { ...type, ...headers }, ...sent });
      return { status: answer.status, headers: answer.headers, body: await answer.json() };
    },
    close: () => app.close(),
  };
}

export { EdgeProcess } from './edge-process.js';
export { eventually } from './eventually.js';
export { GATEWAY, ScriptedAgent, newIdentity } from './scripted-agent.js';
export type { Identity } from './scripted-agent.js';
