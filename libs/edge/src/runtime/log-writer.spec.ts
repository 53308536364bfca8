import { setImmediate } from 'node:timers/promises';
import type { CommandHandler } from '@app/event-store';
import { asId } from '@app/kernel';
import { FakeClock } from '@app/kernel/testing';
import { type AgentId, AgentStatusChanged, type SessionId, TunnelConnected } from '../events/index.js';
import { changeAgentStatus } from '../write/change-agent-status/change-agent-status.decide.js';
import { closeTunnel } from '../write/close-tunnel/close-tunnel.decide.js';
import { openTunnel } from '../write/open-tunnel/open-tunnel.decide.js';
import { LogWriter } from './log-writer.provider.js';

/** A log that takes as long as the test says, and what it was asked, in the order it was. */
let asked: string[];
let answer: (() => void)[];
let writer: LogWriter;
beforeEach(() => {
  asked = [];
  answer = [];
  const handle = async (decider: unknown, { data: { agent_id } }: { data: { agent_id: string } }): Promise<{ position: string }> => {
    asked.push(`${decider === openTunnel ? 'open' : decider === closeTunnel ? 'close' : 'judge'} ${agent_id}`);
    await new Promise<void>((resolve) => answer.push(resolve));
    return { position: `f${asked.length}` };
  };
  writer = new LogWriter({ handle } as unknown as CommandHandler, new FakeClock());
});

const about = (id: string) => ({ agent_id: asId<AgentId>(id) });
const evaluate = (id: string) => writer.write(changeAgentStatus, { ...AgentStatusChanged.example, ...about(id) });
const open = (id: string) => writer.write(openTunnel, { ...TunnelConnected.example, ...about(id), held: null });
const close = (id: string) =>
  writer.write(closeTunnel, {
    ...about(id),
    session_id: asId<SessionId>('session-1'),
    reason: 'goodbye',
    close_code: null,
    connected_ms: 0,
  });
/** So many at a time; from here on all wait. */
const occupy = async (): Promise<void> => {
  for (let i = 0; i < 32; i++) void evaluate(`early-${i}`);
  await setImmediate();
  expect(asked).toHaveLength(32);
  asked = [];
};
const answerAll = async (): Promise<void> => {
  for (; answer.length > 0; await setImmediate()) answer.shift()?.();
};

it('asks the log so much at a time, and the rest when that is answered', async () => {
  await occupy();
  void evaluate('berlin');
  await setImmediate();
  expect(asked).toEqual([]);
  answer.shift()?.();
  await setImmediate();
  expect(asked).toEqual(['judge berlin']);
});

it('opens and ends tunnels before it writes statuses, each in its order', async () => {
  await occupy();
  for (const id of ['berlin', 'lisbon']) void evaluate(id);
  for (const id of ['madrid', 'oslo']) void open(id);
  void close('paris');
  await answerAll();
  expect(asked).toEqual(['open madrid', 'open oslo', 'close paris', 'judge berlin', 'judge lisbon']);
});

it('writes what is of one agent in the order it happened', async () => {
  await occupy();
  for (const id of ['berlin', 'lisbon', 'lisbon', 'oslo']) void evaluate(id);
  void open('lisbon');
  void evaluate('lisbon');
  void close('berlin');
  await answerAll();
  expect(asked).toEqual([
    ...['judge lisbon', 'judge lisbon', 'open lisbon'],
    ...['judge berlin', 'close berlin'],
    ...['judge oslo', 'judge lisbon'],
  ]);
});

it('is free again when all is written', async () => {
  await occupy();
  void evaluate('berlin');
  await answerAll();
  asked = [];
  await occupy();
});
