// Lets Node import the TypeScript of this repository as it is: `./x.js` finds `./x.ts`, `@app/kernel` finds `libs/kernel/src/index.ts`,
// and what is loaded is compiled by swc, once for each content.
const { transformSync } = require('@swc/core');
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { registerHooks } = require('node:module');
const path = require('node:path');
const { fileURLToPath, pathToFileURL } = require('node:url');
const swc = require('./swc-options.cjs');

const ROOT = path.resolve(__dirname, '../../..');
const CACHE = path.join(ROOT, '.cache/native');
const OURS = /^@app\/([^/]+)(\/testing)?$/;

/** Path of each loaded `.ts` file to the path of its source map. */
const sourceMaps = new Map();

mkdirSync(CACHE, { recursive: true });

registerHooks({
  resolve(specifier, context, next) {
    const ours = OURS.exec(specifier);
    if (ours !== null)
      return next(pathToFileURL(path.join(ROOT, 'libs', ours[1], ours[2] === undefined ? 'src' : 'testing', 'index.ts')).href, context);
    if (/^\.\.?\/.*\.js$/.test(specifier) && context.parentURL !== undefined && isTypeScript(context.parentURL)) {
      const source = new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
      if (existsSync(source)) return next(source.href, context);
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith('file:') || !isTypeScript(url)) return next(url, context);
    return { format: 'module', source: compiled(fileURLToPath(url)), shortCircuit: true };
  },
});

const isTypeScript = (url) => new URL(url).pathname.endsWith('.ts');

function compiled(file) {
  const source = readFileSync(file, 'utf8');
  const name = createHash('sha256').update(JSON.stringify(swc)).update('\0').update(file).update('\0').update(source).digest('hex');
  const at = path.join(CACHE, `${name}.js`);
  sourceMaps.set(file, `${at}.map`);
  if (existsSync(at)) return readFileSync(at, 'utf8');
  const { code, map } = transformed(source, file);
  write(`${at}.map`, map);
  write(at, code);
  return code;
}

function transformed(source, file) {
  try {
    return transformSync(source, { ...swc, filename: file, swcrc: false, sourceMaps: true });
  } catch (error) {
    throw new Error(`${file} cannot be compiled: ${error.message}`, { cause: error });
  }
}

/** Another worker may compile the same file at the same time: it never reads half of one. */
function write(file, text) {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}

module.exports = { sourceMaps };
