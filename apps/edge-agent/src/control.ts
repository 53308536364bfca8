import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, rmdirSync } from 'node:fs';
import { type Socket, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Failure, diskFull, isDiskFull, messageOf } from './failure.js';
import type { ServerKeyStatus } from './server-key.js';
import type { GatewayReport } from '../../../libs/edge/src/tunnel.protocol.js';

/** What a running agent says of itself to whoever may enter its state directory. */
export interface RunningStatus {
  pid: number;
  agent_id: string;
  server: string;
  tunnel: 'connecting' | 'connected' | 'waiting';
  since: string;
  /** Why it is not connected. */
  sentence: string | null;
  next_attempt_at: string | null;
  rtt_ms: number | null;
  outbox: { depth: number; capacity: number; dropped: number };
  gateways: GatewayReport[];
  /** Absent of an agent of before that still runs. */
  server_key?: ServerKeyStatus;
}
const WISHES = ['status', 'restart', 'stop'] as const;
/** What is asked of a running agent. Not by signal: who asks may be in another container, where its process has another number. */
export type Wish = (typeof WISHES)[number];

const MAX_WISH_CHARS = 16;
const MAX_STATUS_CHARS = 1 << 20;
const ANSWER_MS = 2_000;
const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * The place of the one process that works on a state directory: a directory in it with the socket where that process is asked. A socket,
 * since the system closes it with the process: a file would have to be believed. It listens before it comes there, and no other ever has
 * its name: one that refuses is dead, and can be removed without removing another's. The directory is put there whole, by a rename that
 * the system refuses while another socket is in it: of all who come at once, one gets in.
 */
export class Place {
  /** What is answered to a wish; null: no agent runs here, something else is done. */
  answer: (wish: Wish) => RunningStatus | null = () => null;
  private readonly name = randomBytes(4).toString('hex');
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer({ allowHalfOpen: true }, (socket) => this.hear(socket));

  private constructor(private readonly path: string) {}

  /** @throws Failure `agent.runs-already`, `agent.state-unwritable` */
  static async take(path: string): Promise<Place> {
    const place = new Place(path);
    const own = `${path}.${place.name}`;
    try {
      mkdirSync(own, { mode: 0o700 });
      await place.listen(join(own, place.name));
      await place.enter(own);
      return place;
    } catch (error) {
      rmSync(own, { recursive: true, force: true });
      await place.release();
      throw error instanceof Failure ? error : unmakable(path, error);
    }
  }

  async release(): Promise<void> {
    rmSync(join(this.path, this.name), { force: true });
    try {
      rmdirSync(this.path);
    } catch {
      // Another is in it already, or it is gone.
    }
    const closed = new Promise<void>((done) => this.server.close(() => done()));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private listen(socket: string): Promise<void> {
    return new Promise((resolve, reject) => this.server.on('error', reject).listen(socket, resolve));
  }

  private async enter(own: string): Promise<void> {
    for (;;) {
      try {
        return renameSync(own, this.path);
      } catch (error) {
        if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
      }
      for (const socket of socketsIn(this.path)) {
        if (await isHeld(socket)) throw await taken(this.path);
        rmSync(socket, { force: true }); // What a process left behind that was killed.
      }
    }
  }

  private hear(socket: Socket): void {
    let text = '';
    this.sockets.add(socket);
    socket.setTimeout(ANSWER_MS, () => socket.destroy()).setEncoding('utf8');
    socket
      .on('error', () => undefined)
      .on('close', () => this.sockets.delete(socket))
      .on('data', (part) => (text += String(part)).length > MAX_WISH_CHARS && socket.destroy())
      .on('end', () => {
        const wish = WISHES.find((one) => one === text);
        const status = wish === undefined ? null : this.answer(wish);
        socket.end(status === null ? '' : JSON.stringify(status));
      });
  }
}

/**
 * Asks the agent of a state directory, and answers how it is; null: none runs.
 * @throws Failure `agent.silent`: a process has the place, and does not answer
 */
export async function ask(path: string, wish: Wish): Promise<RunningStatus | null> {
  for (const socket of socketsIn(path)) {
    const text = await said(socket, wish);
    if (text === null)
      throw new Failure(
        'agent.silent',
        `A process works on ${path} and does not answer`,
        'see whether it hangs or has too much to do; if it hangs, end it and run the agent again',
      );
    try {
      return JSON.parse(text) as RunningStatus;
    } catch {
      continue; // It ended over it, or is no agent.
    }
  }
  return null;
}

function socketsIn(path: string): string[] {
  try {
    return readdirSync(path).map((name) => join(path, name));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw unmakable(path, error);
  }
}

/** Only a socket of nobody refuses; one that is full, or that we may not ask, is somebody's. */
const isNobodys = (error: Error): boolean => codeOf(error) === 'ECONNREFUSED' || codeOf(error) === 'ENOENT';

function isHeld(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', (error) => resolve(!isNobodys(error)));
  });
}

/** Empty: nobody listens, or who did is gone. null: silence. */
function said(path: string, wish: Wish): Promise<string | null> {
  return new Promise((resolve) => {
    let [text, isConnected] = ['', false];
    const socket = connect(path, () => {
      isConnected = true;
      socket.end(wish);
    });
    const give = (answer: string | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(ANSWER_MS, () => give(null)).setEncoding('utf8');
    socket
      .on('error', (error) => give(isConnected || isNobodys(error) ? '' : null))
      .on('data', (part) => (text += String(part)).length > MAX_STATUS_CHARS && give(''))
      .on('end', () => give(text));
  });
}

async function taken(path: string): Promise<Failure> {
  const running = await ask(path, 'status').catch(() => null);
  const who =
    running === null ? `A process works on ${path} already` : `The agent of this state directory runs already, as process ${running.pid}`;
  return new Failure('agent.runs-already', who, 'stop that one first, or give this one a directory of its own: --state');
}

const unmakable = (path: string, error: unknown): Failure =>
  isDiskFull(error)
    ? diskFull(path)
    : new Failure(
        'agent.state-unwritable',
        `${path} cannot be made: ${messageOf(error)}`,
        'see that its directory can be written, or name one with a shorter path by --state',
      );
