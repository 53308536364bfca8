import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure, diskFull, isDiskFull, messageOf } from './failure.js';
import { type Kept, keptOf } from './retry-queue.js';

export interface GatewayEntry {
  name: string;
  url: string;
}
/** `agent.json`: who this agent is and what it does. Nothing in it is secret. */
export interface Identity {
  version: 1;
  agent_id: string;
  instance_uid: string;
  server: string;
  gateways: GatewayEntry[];
}

/** `instance-key.json`: the key of the server that this agent joined. */
export interface PinnedKey {
  public_key: string;
  pinned_at: string;
}

const IDENTITY = 'agent.json';
const KEY = 'agent-key.pem';
const RETRY_QUEUE = 'outbox.json';
const TOKENS = 'gateway-tokens.json';
const SERVER_KEY = 'instance-key.json';
const PROBE = '.probe';
/** More than all that a join writes. */
const PROBE_BYTES = 65_536;
const PLACE = 'run';
const FILES = [IDENTITY, KEY, RETRY_QUEUE, TOKENS, SERVER_KEY, PROBE];
const NOT_OURS = 'it is not as an agent writes it';
const OTHERS = 0o077;
const ANEW = 'put a copy of it in its place; or begin anew: edge-agent leave, then edge-agent join';

/** Where an agent keeps its state unless told. */
export const defaultState = (env: Readonly<Record<string, string | undefined>>): string =>
  join(env['XDG_STATE_HOME'] || join(homedir(), '.local/state'), 'clawbutler-edge-agent');

/** A UUIDv7: the time it was made, and 74 bits of chance. */
export function uuid7(nowMs: number): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(nowMs, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** What an agent keeps, in a directory that only its user may enter. Each file is replaced as a whole. */
export class State {
  constructor(readonly path: string) {}

  /** Makes the directory, or throws `Failure`: asked before a token is spent that could then not be used. */
  prepare(): void {
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      chmodSync(this.path, 0o700);
      this.write(PROBE, 'x'.repeat(PROBE_BYTES)); // An empty file needs no space.
      rmSync(join(this.path, PROBE));
    } catch (error) {
      throw this.unwritable(error);
    }
  }

  /** Throws `Failure` where nobody joined, or the file is not ours. */
  identity(): Identity {
    const identity = this.json<Identity>(IDENTITY);
    if (identity === null)
      throw new Failure(
        'agent.not-joined',
        `${this.path} holds no agent`,
        'join first: edge-agent join --server <url>; or name its directory by --state',
      );
    if (identity.version !== 1 || typeof identity.agent_id !== 'string' || !Array.isArray(identity.gateways))
      throw this.unreadable(IDENTITY, NOT_OURS);
    return identity;
  }

  isJoined(): boolean {
    return this.json(IDENTITY) !== null;
  }

  join(identity: Identity): void {
    this.put(IDENTITY, identity);
  }

  /** The private key. Throws `Failure` when it is lost: the server knows this agent by it, and by no new one. */
  key(): KeyObject {
    const pem = this.read(KEY);
    if (pem === null) throw new Failure('agent.key-lost', `The key of this agent, ${join(this.path, KEY)}, is not there`, ANEW);
    try {
      return createPrivateKey(pem);
    } catch (error) {
      throw this.unreadable(KEY, messageOf(error), ANEW);
    }
  }

  /** The private key for a join; one that broke off goes on with the same. */
  makeKey(): KeyObject {
    if (this.read(KEY) !== null) return this.key();
    const { privateKey } = generateKeyPairSync('ed25519');
    this.written(KEY, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    return privateKey;
  }

  /** By the name of the gateway. These never leave this machine. */
  tokens(): Record<string, string> {
    return this.json<Record<string, string>>(TOKENS) ?? {};
  }

  keepTokens(tokens: Record<string, string>): void {
    this.put(TOKENS, tokens);
  }

  /** The key of the server; null: none is pinned. Throws `Failure` when the file is not as an agent writes it. */
  pinnedKey(): PinnedKey | null {
    const pinned = this.json<PinnedKey>(SERVER_KEY);
    if (pinned !== null && !/^[A-Za-z0-9_-]{43}$/.test(String(pinned.public_key))) throw this.unreadable(SERVER_KEY, NOT_OURS, ANEW);
    return pinned;
  }

  pinKey(pinned: PinnedKey): void {
    this.put(SERVER_KEY, pinned);
  }

  /** What was still to be told; null: nothing ever was. Throws `Failure` when the file is not as an agent writes it. */
  retryQueue(): Kept | null {
    const value = this.json<unknown>(RETRY_QUEUE);
    const kept = value === null ? null : keptOf(value);
    if (kept === undefined) throw this.unreadable(RETRY_QUEUE, NOT_OURS);
    return kept;
  }

  keepRetryQueue(kept: Kept): void {
    this.put(RETRY_QUEUE, kept);
  }

  /** Of the process that works on this directory; see `Place`. */
  get place(): string {
    return join(this.path, PLACE);
  }

  /** Files of which others could read what is secret. */
  exposed(): string[] {
    return [KEY, TOKENS]
      .map((name) => join(this.path, name))
      .filter((path) => ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0);
  }

  /** Removes what an agent keeps and what one that was killed left half done, and the directory when nothing else is in it. */
  remove(): void {
    const isOurs = (name: string): boolean =>
      FILES.some((file) => name === file || name.startsWith(`.${file}.`)) || name === PLACE || name.startsWith(`${PLACE}.`);
    try {
      for (const name of readdirSync(this.path).filter(isOurs)) rmSync(join(this.path, name), { recursive: true, force: true });
    } catch (error) {
      throw this.unwritable(error);
    }
    try {
      rmdirSync(this.path);
    } catch {
      // There is something else in it, or a volume is mounted there.
    }
  }

  private json<T>(name: string): T | null {
    const text = this.read(name);
    if (text === null) return null;
    try {
      return JSON.parse(text) as T;
    } catch (error) {
      throw this.unreadable(name, messageOf(error));
    }
  }

  private read(name: string): string | null {
    try {
      return readFileSync(join(this.path, name), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw this.unreadable(name, messageOf(error));
    }
  }

  private put(name: string, value: unknown): void {
    this.written(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  private written(name: string, text: string): void {
    try {
      this.write(name, text);
    } catch (error) {
      throw this.unwritable(error);
    }
  }

  private write(name: string, text: string): void {
    const partial = join(this.path, `.${name}.${process.pid}`);
    try {
      withFile(partial, 'w', (file) => {
        writeFileSync(file, text);
        fsyncSync(file);
      });
      renameSync(partial, join(this.path, name));
    } catch (error) {
      rmSync(partial, { force: true });
      throw error;
    }
    withFile(this.path, 'r', fsyncSync); // Else the new name may not survive a power failure.
  }

  private unreadable(name: string, why: string, next = 'mend it, or move it away and join again'): Failure {
    return new Failure('agent.state-unreadable', `${join(this.path, name)} cannot be read: ${why}`, next);
  }

  private unwritable(error: unknown): Failure {
    if (isDiskFull(error)) return diskFull(this.path);
    return new Failure(
      'agent.state-unwritable',
      `${this.path} cannot be written: ${messageOf(error)}`,
      'make it writable, or name another by --state',
    );
  }
}

function withFile(path: string, flags: 'r' | 'w', use: (file: number) => void): void {
  const file = openSync(path, flags, 0o600);
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}

/** The public half of a key, as a join says it. */
export const publicKeyOf = (key: KeyObject): string => (createPublicKey(key).export({ format: 'jwk' }) as { x: string }).x;
