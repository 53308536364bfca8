import { Api } from './api.js';
import { assertPrivate, connectionOf } from './connection.js';
import type { Globals } from './globals.js';
import { Output } from './output.js';
import { DEFAULT_PROFILE, ProfileStore, type Profiles } from './profiles.js';
import type { Terminal } from './terminal.js';

/** What a command has at hand. */
export class Context {
  readonly output: Output;
  readonly store: ProfileStore;
  private running: AbortSignal | undefined;

  constructor(
    readonly terminal: Terminal,
    readonly globals: Globals,
  ) {
    this.output = new Output(terminal, globals);
    this.store = new ProfileStore(terminal.env);
  }

  /** Aborts when the command's time is over. The time runs from the first time it is asked for, not while somebody types. */
  get deadline(): AbortSignal {
    return (this.running ??= AbortSignal.timeout(this.globals.timeout));
  }

  /** The API as whoever is logged in. Throws `Failure`. */
  async api(): Promise<Api> {
    const { env } = this.terminal;
    const { url, token } = connectionOf(this.globals, env, await this.stored());
    const next = env['AP_TOKEN']
      ? 'set AP_TOKEN to a token that is valid there, or unset it and log in: ap auth login'
      : 'log in: ap auth login';
    return this.apiAs(url, token, next);
  }

  /** The stored logins; none where the command line and the environment say everything. */
  private async stored(): Promise<Profiles> {
    const { env } = this.terminal;
    const isNeeded = !env['AP_TOKEN'] || !(this.globals.url ?? env['AP_URL']) || (this.globals.profile ?? env['AP_PROFILE']);
    if (!isNeeded) return { current: DEFAULT_PROFILE, profiles: new Map() };
    if (await this.store.isExposed())
      this.output.warn('cli.profiles-exposed', `others on this machine may read ${this.store.path}; chmod 600 it`);
    return this.store.read();
  }

  /** The API at an address, as whoever holds a token. */
  apiAs(url: string, token: string | undefined, whenUnknown = 'log in: ap auth login'): Api {
    assertPrivate(url, this.globals.insecure);
    const credentials: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const patience = { deadline: this.deadline, interrupted: this.terminal.interrupted, timeoutMs: this.globals.timeout };
    return new Api(url, credentials, patience, whenUnknown);
  }
}
