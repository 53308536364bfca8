/** Where the components are, as whoever starts the process knows. URLs may hold credentials; what is shown never does. */
export interface ServiceTargets {
  /** `http://127.0.0.1:4600` */
  readonly apiUrl: string;
  /** `http://host:8222`: where NATS says whether it syncs each write; null: nobody said. */
  readonly natsMonitorUrl: string | null;
  /** `redis://:password@host:6379`; null: there is none. */
  readonly valkeyUrl: string | null;
  /** Why there is no Valkey and what to do, a sentence; only where there is none. */
  readonly valkeyMissing: string | null;
  /** OpenClaw gateways; a `name` is 1 to 50 of A-Z a-z 0-9 _ -. */
  readonly gateways: readonly { readonly name: string; readonly url: string; readonly critical: boolean }[];
}
