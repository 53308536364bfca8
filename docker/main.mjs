// What a container runs: the process that APP names, in this very process, so that it hears SIGTERM itself.
import { subscribe } from 'node:diagnostics_channel';
import { rmSync, writeFileSync } from 'node:fs';
import { APPS, LIVENESS_FILE, LIVENESS_MS } from './apps.mjs';

const { APP = '' } = process.env;

if (!Object.hasOwn(APPS, APP)) {
  process.stderr.write(`APP is ${APP === '' ? 'not set' : `"${APP}"`}. It names the process to run: ${Object.keys(APPS).join(', ')}.\n`);
  process.exitCode = 1;
} else {
  if (APPS[APP].liveness !== undefined) keepLiveness(APPS[APP].liveness === 'while it runs');
  await import(`../dist/apps/${APP}/src/main.js`);
}

/** A process that hangs lets the file grow old; one that was killed, too. `works` tells from when on there is one. */
function keepLiveness(works) {
  let timer;
  const beat = () => writeFileSync(LIVENESS_FILE, '');
  const change = (working) => {
    clearInterval(timer);
    rmSync(LIVENESS_FILE, { force: true });
    if (!working) return;
    beat();
    timer = setInterval(beat, LIVENESS_MS).unref();
  };
  change(works);
  subscribe('clawbutler.working', change);
  process.once('exit', () => change(false));
}
