import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { failure } from './failure.js';
import type { Role } from './contract.js';

/** One stored login. */
export interface Profile {
  url: string;
  token: string;
  token_id: string;
  role: Role;
  /** Whether `ap auth login` had the token made: only then is it `ap auth logout`'s to revoke. */
  minted: boolean;
}

export interface Profiles {
  /** The one that is used where none is named. */
  current: string;
  profiles: Map<string, Profile>;
}

export const DEFAULT_PROFILE = 'default';
export const PROFILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const OTHERS = 0o077;

/** The logins of this user: `$XDG_CONFIG_HOME/clawbutler/profiles.json`, for their eyes only. */
export class ProfileStore {
  readonly path: string;

  constructor(env: Readonly<Record<string, string | undefined>>) {
    const home = env['XDG_CONFIG_HOME'] || join(env['HOME'] || homedir(), '.config');
    this.path = join(home, 'clawbutler', 'profiles.json');
  }

  async read(): Promise<Profiles> {
    try {
      return parse(await readFile(this.path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { current: DEFAULT_PROFILE, profiles: new Map() };
      throw failure(
        'cli.profiles-unreadable',
        `${this.path} cannot be read: ${(error as Error).message}`,
        'mend it, or move it away and log in again',
      );
    }
  }

  /** Whether others on this machine may read the tokens. */
  async isExposed(): Promise<boolean> {
    const found = await stat(this.path).catch(() => undefined);
    return found !== undefined && (found.mode & OTHERS) !== 0;
  }

  /** Throws unless `write` would succeed: asked before a one-time code is spent on a token that could then not be kept. */
  async prepare(): Promise<void> {
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await access(dirname(this.path), constants.W_OK);
    } catch (error) {
      throw this.unwritable(error);
    }
  }

  /** All or nothing: a reader sees the old file or the new one, and so does who comes after a crash. */
  async write({ current, profiles }: Profiles): Promise<void> {
    await this.prepare();
    const draft = `${this.path}.${randomUUID()}`;
    try {
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ version: 1, current, profiles: Object.fromEntries(profiles) }, null, 2)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.path);
    } catch (error) {
      await rm(draft, { force: true });
      throw this.unwritable(error);
    }
  }

  private unwritable(error: unknown) {
    const next = 'make that place writable, set XDG_CONFIG_HOME to one that is, or use AP_TOKEN instead of a stored login';
    return failure('cli.profiles-unwritable', `${this.path} cannot be written: ${(error as Error).message}`, next);
  }
}

function parse(text: string): Profiles {
  const { version, current, profiles } = JSON.parse(text) as { version: number; current: string; profiles: Record<string, Profile> };
  if (version !== 1 || typeof current !== 'string' || typeof profiles !== 'object' || profiles === null)
    throw new Error('not as ap writes it');
  const entries = Object.entries(profiles).filter(([name]) => PROFILE_NAME.test(name));
  if (entries.some(([, { url, token }]) => typeof url !== 'string' || typeof token !== 'string')) throw new Error('not as ap writes it');
  return { current, profiles: new Map(entries) };
}
