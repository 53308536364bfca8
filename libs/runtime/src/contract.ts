/** What the embedded servers need from the process that runs them, and what they give it. */

/** How to reach NATS as one user: an object that `connect()` of `@nats-io/transport-node` takes as it is. */
export interface NatsAccess {
  /** `nats://host:port` of each, never with a password in it. */
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
}

export type ServerName = 'nats' | 'postgres' | 'valkey';

/**
 * `starting` spawned, not answering yet; `ready` answers; `waiting` died, the next attempt is due after a back-off;
 * `stopping` told to stop; `stopped` will not come back.
 */
export type ChildState = 'starting' | 'ready' | 'waiting' | 'stopping' | 'stopped';

/** One supervised child, as it is now. */
export interface ChildStatus {
  readonly name: ServerName;
  readonly state: ChildState;
  /** Of the running process; absent while there is none. */
  readonly pid?: number;
  /** How often it was started again since the first start. */
  readonly restarts: number;
  /** When `state` was entered. */
  readonly since: Date;
  /** How the last run ended, a phrase: `killed by SIGKILL`, `exit code 1`. */
  readonly lastExit?: string;
  /** Where its output goes. */
  readonly logFile: string;
}

/** What happens to the servers, for a logger: `message` is a sentence for people; no secrets in either. */
export type RuntimeLog = (level: 'info' | 'warn' | 'error', message: string, details?: Readonly<Record<string, unknown>>) => void;

export interface ServersOptions {
  /** Where everything that must survive is kept; made where it is missing. */
  readonly dataDir: string;
  /** Servers that run elsewhere: what is named here is not started. */
  readonly external?: {
    /** `nats://[user:password@]host:port[,host:port]`, or `nats://token@...`. */
    readonly natsUrl?: string | undefined;
    /** `http://host:8222`, where `/varz` says whether writes are synced. */
    readonly natsMonitorUrl?: string | undefined;
    readonly databaseUrl?: string | undefined;
    readonly valkeyUrl?: string | undefined;
  };
  /** Where server programs that had to be fetched are kept; default `.cache` in the project. */
  readonly cacheDir?: string;
  readonly log: RuntimeLog;
  /** Aborted: whatever is starting is stopped, and the start rejects with `runtime.start-interrupted`. */
  readonly signal?: AbortSignal;
}

export interface RunningServers {
  /** Where the process itself may keep files: `DATA_DIR`, locked for as long as the servers run. */
  readonly dataDir: string;
  /** Where the servers keep their data: in `dataDir`, or elsewhere where their user cannot pass to that. */
  readonly serversDir: string;
  readonly nats: {
    /** Everything: for set-up (streams, buckets), never for daily work. */
    readonly admin: NatsAccess;
    /** Publishes and reads; cannot create, change, purge or delete a stream. */
    readonly app: NatsAccess;
    /** Reads FACTS, CALLS, TELEMETRY, PUBLIC and hears announcements; for other services. Absent for an external server. */
    readonly reader?: NatsAccess;
  };
  /** `http://127.0.0.1:port/secret` of the NATS monitor; absent for an external server that named none. */
  readonly natsMonitorUrl?: string;
  /** `postgres://user:password@host:port/database`. */
  readonly databaseUrl: string;
  /** `redis://:password@host:port`; null where there is no Valkey. */
  readonly valkeyUrl: string | null;
  /** Why there is no Valkey and what to do, a sentence; only where `valkeyUrl` is null. */
  readonly valkeyMissing?: string;
  /** The children started here, each as it is at the time of asking. */
  readonly children: () => ChildStatus[];
  /**
   * Random bytes (hex, 64 characters) made once under this name and kept in `DATA_DIR`, mode 0600: the same on each call
   * and each start. For keys of this installation.
   */
  readonly secret: (name: string) => string;
  /** Stops Valkey, PostgreSQL, NATS, in that order, then lets go of `DATA_DIR`. Resolves when all are gone. Never rejects. */
  readonly stop: () => Promise<void>;
}

/** Codes of {@link StartRefused}. */
export type StartRefusalCode =
  | 'runtime.data-dir-in-use'
  | 'runtime.data-dir-foreign'
  | 'runtime.data-dir-not-writable'
  | 'runtime.data-dir-unreachable'
  | 'runtime.data-dir-half-restored'
  | 'runtime.data-of-another-version'
  | 'runtime.user-unknown'
  | 'runtime.server-missing'
  | 'runtime.server-failed'
  | 'runtime.start-interrupted';

/** The servers cannot be started here. `message` is a sentence that says why, `next` one that says what to do. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
  readonly code: StartRefusalCode;
  readonly next: string;

  constructor(code: StartRefusalCode, message: string, next: string) {
    super(message);
    this.code = code;
    this.next = next;
  }
}
