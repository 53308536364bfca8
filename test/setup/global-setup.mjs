import '../../libs/runtime/testing/typescript.mjs';
import { resolve } from 'node:path';

const { openSharedServers } = await import('../../libs/runtime/testing/shared-servers.ts');

/** Opens what the tests of one run share; nothing is started before a test asks for it. */
export default async function globalSetup() {
  globalThis.sharedServers = await openSharedServers(resolve(import.meta.dirname, '../..'));
}
