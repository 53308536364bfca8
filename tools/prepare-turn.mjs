import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { NotReady } from './not-ready.mjs';

const LOOK_AGAIN_MS = 250;
/** A turn is taken by making a file and then writing who took it. */
const NAMELESS_MS = 10_000;

/**
 * Does `work` while no other process of this project does: two starts at once do not install over each other. A turn whose
 * holder has died is over.
 */
export async function inTurn(dir, say, work) {
  const file = join(dir, 'preparing');
  try {
    mkdirSync(dir, { recursive: true });
    for (let waited = false; !take(file); waited = true) {
      if (!waited) say('Another start is installing or building here; waiting for it ...');
      await delay(LOOK_AGAIN_MS);
    }
  } catch (error) {
    throw new NotReady(
      'runtime.project-not-writable',
      `There is something to install or build, and ${dir} cannot be written: ${error.message}.`,
      'Run this once as the owner of the project.',
    );
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, identityOf(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = readFile(file);
  if (holder === undefined || isHeld(file, holder)) return false;
  if (readFile(file) === holder) rmSync(file, { force: true });
  return false; // and try again, from the start
}

function isHeld(file, holder) {
  if (holder === '') return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < NAMELESS_MS;
  return identityOf(Number.parseInt(holder, 10)) === holder;
}

/** Pid and start time (field 22 of the process's stat, counted behind its name), '' when there is no such process. */
function identityOf(pid) {
  if (process.platform === 'linux') {
    const stat = readFile(`/proc/${pid}/stat`);
    return stat === undefined ? '' : `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  }
  try {
    process.kill(pid, 0);
    return String(pid);
  } catch (error) {
    return error.code === 'EPERM' ? String(pid) : '';
  }
}

function readFile(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
