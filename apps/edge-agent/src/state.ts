import { type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { Failure, messageOf } from './failure.js';
import type { Kept } from './outbox.js';

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

const IDENTITY = 'agent.json';
const KEY = 'agent-key.pem';
const OUTBOX = 'outbox.json';
const TOKENS = 'gateway-tokens.json';
const PLACE = 'run';
const OTHERS = 0o077;

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
      this.write('.probe', '');
      rmSync(join(this.path, '.probe'));
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
      throw this.unreadable(IDENTITY, 'it is not as an agent writes it');
    return identity;
  }

  isJoined(): boolean {
    return this.json(IDENTITY) !== null;
  }

  join(identity: Identity): void {
    this.put(IDENTITY, identity);
  }

  /** The private key; made when there is none, so that a join that broke off goes on with the same. */
  key(): KeyObject {
    const pem = this.read(KEY);
    if (pem !== null) {
      try {
        return createPrivateKey(pem);
      } catch (error) {
        throw this.unreadable(KEY, messageOf(error));
      }
    }
    const { privateKey } = generateKeyPairSync('ed25519');
    this.write(KEY, privateKey.export({ type: 'pkcs8', format: 'pem' }) as string);
    return privateKey;
  }

  /** By the name of the gateway. These never leave this machine. */
  tokens(): Record<string, string> {
    return this.json<Record<string, string>>(TOKENS) ?? {};
  }

  keepTokens(tokens: Record<string, string>): void {
    this.put(TOKENS, tokens);
  }

  /** What was still to be told; a file that cannot be read is no reason not to start. */
  outbox(): Kept | undefined {
    try {
      return this.json<Kept>(OUTBOX) ?? undefined;
    } catch {
      return undefined;
    }
  }

  keepOutbox(kept: Kept): void {
    this.put(OUTBOX, kept);
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

  /** Removes what an agent keeps, and the directory when nothing else is in it. */
  remove(): void {
    for (const name of [IDENTITY, KEY, TOKENS, OUTBOX]) rmSync(join(this.path, name), { force: true });
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
    try {
      this.write(name, `${JSON.stringify(value, null, 2)}\n`);
    } catch (error) {
      throw this.unwritable(error);
    }
  }

  private write(name: string, text: string): void {
    const partial = join(this.path, `.${name}.${process.pid}`);
    const file = openSync(partial, 'w', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, join(this.path, name));
  }

  private unreadable(name: string, why: string): Failure {
    return new Failure(
      'agent.state-unreadable',
      `${join(this.path, name)} cannot be read: ${why}`,
      'mend it, or move it away and join again',
    );
  }

  private unwritable(error: unknown): Failure {
    return new Failure(
      'agent.state-unwritable',
      `${this.path} cannot be written: ${messageOf(error)}`,
      'make it writable, or name another by --state',
    );
  }
}

/** The public half of a key, as a join says it. */
export const publicKeyOf = (key: KeyObject): string => (createPublicKey(key).export({ format: 'jwk' }) as { x: string }).x;
