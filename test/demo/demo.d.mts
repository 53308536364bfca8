/** One whole instance, as `npm start` runs it. */
export interface Instance {
  readonly name: string;
  readonly id: string;
  readonly origin: string;
  readonly publicUrl: string;
  readonly dataDir: string;
  readonly token: string;
  /** The body of the answer; throws when it is none. `any`: whoever asks says what is expected. */
  call(method: string, path: string, body?: unknown): Promise<any>;
  loginLink(): Promise<string>;
  end(): Promise<unknown>;
}

export interface Demo {
  readonly lisbon: Instance;
  readonly porto: Instance;
  /** The id each has at the other. */
  readonly peers: { readonly lisbon: string; readonly porto: string };
  readonly fleet: { readonly agents: Readonly<Record<string, string>>; readonly dying: string; end(): Promise<void> };
  readonly traffic: {
    readonly counts: { readonly sent: number; readonly answered: number; readonly denied: number; readonly failed: number };
    end(): Promise<void>;
  };
  end(): Promise<void>;
}

export function startDemo(how: { say: (line: string) => void; signal: AbortSignal; env?: Record<string, string> }): Promise<Demo>;
