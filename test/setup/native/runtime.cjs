// Jest's runtime, but modules are Node's own: a spec is imported as production imports its code. Jest's ESM support evaluates the whole
// graph (Nest, TypeORM, swagger) again in a new vm context for each file, which was 1 to 2 s of each of 420 files.
const { default: JestRuntime } = require('jest-runtime');
const { pathToFileURL } = require('node:url');
const { sourceMaps } = require('./typescript-hooks.cjs');

const EVENT_HANDLERS = Symbol.for('EVENT_HANDLERS');
let imports = 0;

class NativeRuntime extends JestRuntime {
  /** The framework itself. Its state is one file's, so it is loaded anew for each. */
  requireInternalModule(from) {
    delete globalThis[EVENT_HANDLERS];
    delete require.cache[from];
    return require(from);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(path) {
    globalThis.jest = this.jestGlobals.jestObjectFor(path);
    imports += 1;
    await import(`${pathToFileURL(path).href}?${imports}`);
  }

  getSourceMaps() {
    return sourceMaps;
  }

  /** Nothing to replace: `process` is Node's own. */
  installGetBuiltinModule() {}
}

module.exports = NativeRuntime;
