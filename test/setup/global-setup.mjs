import '../../libs/runtime/testing/typescript.mjs';
import { resolve } from 'node:path';

const { openHouse } = await import('../../libs/runtime/testing/house.ts');

/** Opens what the tests of one run share; nothing is started before a test asks for it. */
export default async function globalSetup() {
  globalThis.testHouse = await openHouse(resolve(import.meta.dirname, '../..'));
}
