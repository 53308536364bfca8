import { OutcomeUnknown } from '@app/event-store';
import { MemoryLog } from '@app/event-store/testing';
import { newEvent } from '@app/kernel';
import { FakeClock } from '@app/kernel/testing';
import { type ComponentStatus, ComponentDeclared, ComponentStatusChanged } from '../events/index.js';
import { declareComponent } from '../write/declare-component/declare-component.decide.js';
import { ChangeRetryQueue } from './change-retry-queue.js';

const { evidence: _, ...example } = ComponentStatusChanged.example;
let clock: FakeClock;
let log: MemoryLog;
let retryQueue: ChangeRetryQueue;
let warnings: string[];
let overtaken: string[];

beforeEach(async () => {
  clock = new FakeClock();
  log = new MemoryLog();
  warnings = [];
  overtaken = [];
  retryQueue = new ChangeRetryQueue({
    commands: log,
    clock,
    warn: (sentence) => warnings.push(sentence),
    onOvertaken: (id) => overtaken.push(id),
  });
  await log.handle(declareComponent, { data: { ...ComponentDeclared.example, component_id: example.component_id }, actor: 'test' });
});
afterEach(() => retryQueue.stop());

const put = (from: ComponentStatus, to: ComponentStatus, evidence: Promise<string[]> = Promise.resolve(['t1'])): void =>
  retryQueue.put({ ...example, from, to, reason: to === 'green' ? null : 'slow', evidence });
const chain = () =>
  log.facts
    .filter(({ type }) => type === ComponentStatusChanged.type)
    .map(({ data }) => [(data as ComponentStatusChanged).from, (data as ComponentStatusChanged).to]);

it('writes changes in their order, as the prober, though the evidence of the first comes last', async () => {
  const slow = Promise.withResolvers<string[]>();
  put('unknown', 'green', slow.promise);
  put('green', 'amber');
  await clock.pass(1_000);
  expect(chain()).toEqual([]);
  slow.resolve(['t7']);
  await clock.pass(1_000);
  expect(chain()).toEqual([
    ['unknown', 'green'],
    ['green', 'amber'],
  ]);
  expect(log.facts.slice(1).map(({ actor, data }) => [actor, (data as ComponentStatusChanged).evidence])).toEqual([
    ['system:prober', ['t7']],
    ['system:prober', ['t1']],
  ]);
  expect(await retryQueue.positionOf(example.component_id)).toBe('f3');
});

it('waits for a log that does not answer, says so once, and then writes what happened meanwhile', async () => {
  log.isDown = true;
  put('unknown', 'green');
  put('green', 'red');
  put('red', 'recovering');
  await clock.pass(120_000);
  expect([chain(), warnings]).toEqual([[], ['The verdict on valkey waits for the log: Error: the event log does not answer']]);
  log.isDown = false;
  await clock.pass(30_000);
  expect(chain()).toEqual([
    ['unknown', 'green'],
    ['green', 'red'],
    ['red', 'recovering'],
  ]);
});

it('keeps the first and the last of more than it can keep, and the chain whole', async () => {
  log.isDown = true;
  put('unknown', 'red');
  for (let i = 0; i < 100; i++) {
    put('red', 'recovering');
    put('recovering', 'red');
  }
  put('red', 'recovering');
  put('recovering', 'green');
  log.isDown = false;
  await clock.pass(120_000);
  const written = chain();
  expect(written.length).toBeLessThanOrEqual(16);
  expect([written[0], written.at(-1)?.[1]]).toEqual([['unknown', 'red'], 'green']);
  written.forEach(([from], i) => expect(from).toBe(i === 0 ? 'unknown' : written[i - 1]?.[1]));
  expect(overtaken).toEqual([]);
});

it('drops what another prober has overtaken, and says whose', async () => {
  put('amber', 'red');
  put('red', 'recovering');
  await clock.pass(0);
  expect([chain(), overtaken]).toEqual([[], ['valkey']]);
  put('unknown', 'green');
  await clock.pass(0);
  expect(chain()).toEqual([['unknown', 'green']]);
});

it('tells where a change is as soon as it is stored, however long that takes', async () => {
  log.isDown = true;
  put('unknown', 'green');
  const position = retryQueue.positionOf(example.component_id);
  await clock.pass(10_000);
  log.isDown = false;
  await clock.pass(30_000);
  expect(await position).toBe('f2');
  expect(await retryQueue.positionOf('nats')).toBeUndefined();
});

it('does not write a change twice whose answer was lost, nor takes what followed on it for the word of another', async () => {
  log.after = () => Promise.reject(new OutcomeUnknown('of the change'));
  put('unknown', 'green');
  await clock.pass(0);
  expect(chain()).toHaveLength(1);
  log.after = () => undefined;
  log.add(newEvent(ComponentStatusChanged, { ...example, from: 'green', to: 'amber', reason: 'slow', evidence: [] }));
  await clock.pass(10_000);
  expect([chain().length, overtaken, await retryQueue.positionOf(example.component_id)]).toEqual([2, [], 'f2']);
});

it('leaves nothing behind when it stops', async () => {
  log.isDown = true;
  put('unknown', 'green');
  await clock.pass(0);
  await retryQueue.stop();
  expect(clock.pending).toBe(0);
  log.isDown = false;
  put('unknown', 'red');
  await clock.pass(60_000);
  expect(chain()).toEqual([]);
});

it('writes what its own class accepts', async () => {
  put('unknown', 'green');
  await clock.pass(0);
  expect(() => newEvent(ComponentStatusChanged, log.facts[1]?.data as ComponentStatusChanged)).not.toThrow();
});
