// Runs outside of what jest transforms: Node strips the types by itself, and this finds `./x.ts` where `./x.js` is meant.
import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

registerHooks({
  resolve(specifier, context, next) {
    if (/^\.\.?\/.*\.js$/.test(specifier) && context.parentURL?.endsWith('.ts')) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(fileURLToPath(source))) return next(source.href, context);
    }
    return next(specifier, context);
  },
});

const { openHouse } = await import('../../libs/runtime/testing/house.ts');

/** Opens what the tests of one run share; nothing is started before a test asks for it. */
export default async function globalSetup() {
  globalThis.testHouse = await openHouse(resolve(import.meta.dirname, '../..'));
}
