import { type WholeSystem, openWholeSystem } from './whole-system.js';

let system: WholeSystem;
beforeAll(async () => {
  system = await openWholeSystem();
}, 120_000); // The first test of a run starts PostgreSQL.
afterAll(() => system.close());

const PREFIX = '/api/v1/infrastructure/';
/** As they stand in a URL. The empty one of a path would be another path. */
const VALUES = [
  '%00',
  'a%00b',
  '%ff',
  '%',
  '%ed%a0%80',
  'x'.repeat(101),
  'x'.repeat(4_000),
  '..',
  '%2e%2e%2f',
  '-1',
  '1e999',
  'f0',
  'null',
  '%F0%9F%98%80',
  '%E2%80%AE',
  "'",
  '"',
  '%5C',
  '*',
];

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}
interface Route {
  readonly method: string;
  readonly path: string;
  readonly queries: readonly string[];
}
function routes(): Route[] {
  const methods = ['get', 'post', 'patch', 'delete'] as const;
  return Object.entries(system.description.paths).flatMap(([path, operations]) =>
    methods.flatMap((method) => {
      const operation = operations[method] as Described | undefined;
      if (operation === undefined || !path.startsWith(PREFIX)) return [];
      const queries = (operation.parameters ?? []).filter(({ in: where }) => where === 'query').map(({ name }) => name);
      return [{ method: method.toUpperCase(), path: path.slice(PREFIX.length), queries }];
    }),
  );
}

/** Whatever is not an answer is a problem with a code and what to do, and never a failure of ours. */
async function expectNoFailure(method: string, path: string): Promise<number> {
  const { status, headers, body } = await system.ask(method, path, method === 'GET' || method === 'DELETE' ? undefined : {});
  if (status < 400) return status;
  const type = headers.get('content-type');
  expect([method, path, status, type, body]).toEqual([
    method,
    path,
    expect.any(Number),
    expect.stringMatching(/^application\/problem\+json/),
    expect.objectContaining({ code: expect.any(String), next: expect.any(String), status }),
  ]);
  expect([method, path, status]).not.toEqual([method, path, 500]);
  return status;
}

it('answers no described route with a failure, whatever stands in its path', async () => {
  const withParameter = routes().filter(({ path }) => path.includes('{'));
  expect(withParameter.length).toBeGreaterThan(15);
  for (const { method, path } of withParameter)
    for (const value of VALUES) {
      const status = await expectNoFailure(method, path.replaceAll(/\{\w+\}/g, value));
      if (['%00', 'a%00b', '%ff', '%'].includes(value)) expect([method, path, value, status]).toEqual([method, path, value, 400]);
    }
}, 120_000);

it('answers no described route with a failure, whatever stands in its query', async () => {
  const asked = routes().filter(({ queries }) => queries.length > 0);
  expect(asked.length).toBeGreaterThan(10);
  for (const { method, path, queries } of asked) {
    if (path === 'stream') {
      expect(await expectNoFailure(method, `${path}?sections=%00`)).toBe(400);
      continue; // A good answer to it does not end.
    }
    for (const query of queries)
      for (const value of ['', ...VALUES, `a&${query}=b`, `a&${query}[x]=b`]) {
        const status = await expectNoFailure(method, `${path.replaceAll(/\{\w+\}/g, 'x')}?${query}=${value}`);
        if (['%00', 'a%00b'].includes(value)) expect([path, query, value, status]).toEqual([path, query, value, 400]);
      }
  }
}, 120_000);

it('lists the events of a log that is empty', async () => {
  for (const stream of ['calls', 'telemetry'])
    for (const filter of ['', '&type=x', '&subject=x', '&room=x', '&actor=x'])
      expect(await system.ask('GET', `events?stream=${stream}${filter}`)).toMatchObject({ status: 200, body: { data: [] } });
});
