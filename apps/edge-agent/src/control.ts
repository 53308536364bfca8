import { rmSync } from 'node:fs';
import { type Server, type Socket, connect, createServer } from 'node:net';
import { Failure, messageOf } from './failure.js';
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
}

const MAX_STATUS_CHARS = 1 << 20;
const ANSWER_MS = 2_000;

/**
 * Makes this process the one that runs the agent of a state directory, and answers there how it is. A socket, since the system closes
 * it with the process: a file would have to be believed.
 * @throws Failure `agent.runs-already`
 */
export async function control(path: string, status: () => RunningStatus): Promise<() => Promise<void>> {
  const server = createServer((socket) => socket.on('error', () => undefined).end(JSON.stringify(status())));
  if (!(await listens(server, path))) {
    const running = await ask(path);
    if (running !== null)
      throw new Failure(
        'agent.runs-already',
        `The agent of this state directory runs already, as process ${running.pid}`,
        'stop that one first, or give this one a directory of its own: --state',
      );
    rmSync(path, { force: true }); // What a process left behind that was killed.
    if (!(await listens(server, path)))
      throw new Failure('agent.runs-already', 'Another agent starts here at this moment', 'look again: edge-agent status');
  }
  return () => new Promise((closed) => server.close(() => closed()));
}

/** False: something is there already. */
function listens(server: Server, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void =>
      error.code === 'EADDRINUSE'
        ? resolve(false)
        : reject(
            new Failure(
              'agent.state-unwritable',
              `${path} cannot be made: ${messageOf(error)}`,
              'name a directory with a shorter path by --state',
            ),
          );
    server.once('error', failed).listen(path, () => {
      server.off('error', failed);
      resolve(true);
    });
  });
}

/** How the agent of a state directory is; null: none runs. */
export function ask(path: string): Promise<RunningStatus | null> {
  return new Promise((resolve) => {
    let text = '';
    const socket: Socket = connect(path);
    const give = (): void => {
      socket.destroy();
      resolve(null);
    };
    socket.setTimeout(ANSWER_MS, give).setEncoding('utf8');
    socket
      .on('error', give)
      .on('data', (part) => (text += String(part)).length > MAX_STATUS_CHARS && give())
      .on('end', () => {
        try {
          resolve(JSON.parse(text) as RunningStatus);
        } catch {
          give();
        }
      });
  });
}
