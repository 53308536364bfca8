const { ModernFakeTimers } = require('@jest/fake-timers');
const { ModuleMocker } = require('jest-mock');

/** `SHARED_SERVERS_ENV` of libs/runtime/testing/shared-servers.ts. */
const SERVERS = 'CLAWBUTLER_TEST_SERVERS';

/**
 * Runs test files in Node's own global context, one after another. At the end of each file it restores the environment variables, the
 * working directory, `process.exit`, fake timers and Node's own globals. New globals stay: class-validator keeps its metadata in one.
 *
 * `testEnvironmentOptions: { servers: false }`: a file that asks for a server fails.
 */
class NativeEnvironment {
  constructor({ projectConfig }) {
    this.global = globalThis;
    this.moduleMocker = new ModuleMocker(globalThis);
    this.fakeTimers = null;
    this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
    this.before = {
      env: { ...process.env },
      cwd: process.cwd(),
      exit: Object.getOwnPropertyDescriptor(process, 'exit'),
      globals: Object.getOwnPropertyDescriptors(globalThis),
    };
    if (projectConfig.testEnvironmentOptions.servers === false) delete process.env[SERVERS];
  }

  async setup() {}

  async teardown() {
    this.fakeTimersModern.dispose();
    const { env, cwd, exit, globals } = this.before;
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    if (process.cwd() !== cwd) process.chdir(cwd);
    Object.defineProperty(process, 'exit', exit);
    for (const [name, was] of Object.entries(globals)) if (was.configurable) Object.defineProperty(globalThis, name, was);
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  getVmContext() {
    return null;
  }
}

module.exports = NativeEnvironment;
