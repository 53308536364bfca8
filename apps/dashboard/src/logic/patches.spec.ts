import type { Answer, Component, EdgeAgent, Patch } from '../contract.js';
import { PatchLog, patched } from './patches.js';

const component = (id: string, name = id): Component => ({ component_id: id, name }) as Component;
const answer = (...rows: Component[]): Answer<Component[]> => ({ as_of: '', position: 'f1', lag_ms: 0, warnings: [], data: rows });
const patch = (id: string, data: Component | null, position = 'f2'): Patch => ({ section: 'services', id, position, data });

describe('a patched answer', () => {
  it('replaces in place, adds at the end, takes away', () => {
    const before = answer(component('api'), component('nats'), component('valkey'));
    const after = patched(before, 'services', [
      patch('nats', component('nats', 'renamed')),
      patch('valkey', null),
      patch('new', component('new'), 'f5'),
    ]);
    expect(after.data.map(({ name }) => name)).toEqual(['api', 'renamed', 'new']);
    expect(after.data[0]).toBe(before.data[0]);
    expect(after.position).toBe('f5');
  });

  it('knows the rows of each section by their own ids', () => {
    const edge = { ...answer(), data: [{ agent_id: 'a', label: 'old' }] } as unknown as Answer<EdgeAgent[]>;
    const news = { section: 'edge', id: 'a', position: 'f3', data: { agent_id: 'a', label: 'new' } as EdgeAgent } as const;
    expect(patched(edge, 'edge', [news]).data).toEqual([{ agent_id: 'a', label: 'new' }]);
    expect(patched(edge, 'edge', [{ ...news, data: null }]).data).toEqual([]);
  });

  it("is the same object where nothing is its section's, so that nothing renders", () => {
    const before = answer(component('api'));
    expect(patched(before, 'services', [{ section: 'federation', id: 'peer-1', position: 'f9', data: null }])).toBe(before);
  });
});

it('what arrives while a list is asked for is put onto the answer, and what came before is not', async () => {
  const log = new PatchLog();
  log.heard([patch('api', component('api', 'long ago'))]);
  let give: (rows: Answer<Component[]>) => void = () => {};
  const asked = log.during(
    () => new Promise<Answer<Component[]>>((resolve) => (give = resolve)),
    (rows, patches) => patched(rows, 'services', patches),
  );
  log.heard([patch('nats', component('nats', 'meanwhile'))]);
  give(answer(component('api'), component('nats', 'older')));
  expect((await asked).data.map(({ name }) => name)).toEqual(['api', 'meanwhile']);
});
