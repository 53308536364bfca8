import { availableParallelism } from 'node:os';

if (process.argv.some((arg) => /^--watch(All)?$/.test(arg))) {
  throw new Error('jest --watch would keep the modules it has loaded. Use `npm run jest:watch -- --testPathPatterns <path>`.');
}

/** @type {import('jest').Config} */
const base = {
  rootDir: import.meta.dirname,
  testEnvironment: '<rootDir>/test/setup/native/environment.cjs',
  runtime: '<rootDir>/test/setup/native/runtime.cjs',
  cacheDirectory: '<rootDir>/.cache/jest',
  transform: {},
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data', '<rootDir>/.cache'],
};

/** Deciders, streams, projections, views, kernel, A2A messages, page logic. They take no server, which the environment enforces. */
const PURE = [
  'libs/(?:kernel|a2a)/',
  'libs/[^/]+/src/(?:.+/)?(?:write|read)/(?!.*\\.http\\.spec)',
  'libs/services/src/runtime/(?:derive-status|doubt|policy)\\.',
  'libs/[^/]+/src/.*\\.stream\\.spec',
  'apps/dashboard/src/logic/',
];
const pure = `/(?:${PURE.join('|')})`;

export default {
  projects: [
    {
      ...base,
      displayName: 'pure',
      testEnvironmentOptions: { servers: false },
      testRegex: [`${pure}.*\\.spec\\.ts$`],
    },
    {
      ...base,
      displayName: 'unit',
      testMatch: [
        '<rootDir>/libs/*/{src,testing}/**/*.spec.ts',
        '<rootDir>/apps/!(dashboard)/src/**/*.spec.ts',
        '<rootDir>/test/{arch,golden,contract}/**/*.spec.ts',
      ],
      testPathIgnorePatterns: ['/node_modules/', pure],
    },
    { ...base, displayName: 'e2e', testMatch: ['<rootDir>/test/{e2e,chaos,docker}/**/*.spec.ts'] },
  ],
  globalSetup: '<rootDir>/test/setup/global-setup.mjs',
  globalTeardown: '<rootDir>/test/setup/global-teardown.mjs',
  testTimeout: 30_000,
  // Most files wait for servers and intervals: one more than there are cores. On two cores three workers took 9 to 10 min, two 13.
  maxWorkers: availableParallelism() + 1,
  workerIdleMemoryLimit: '600MB',
};
