import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { main } from '../main.js';
import { ADMIN_TOKEN, FakeApi } from './fake-api.js';

export interface Ended {
  code: number;
  out: string;
  err: string;
  /** Each time the terminal was told to echo (false) or not (true). */
  rawModes: boolean[];
}

interface Around {
  env?: Record<string, string>;
  /** What is piped in; nothing: an empty pipe. */
  stdin?: string;
  /** A terminal of so many columns, into which `typed` is typed. */
  columns?: number;
  typed?: string;
  interrupted?: AbortSignal;
}

/** A fake API and a home of its own for `ap`, both gone after `close`. */
export class CliHarness {
  private constructor(
    readonly api: FakeApi,
    readonly home: string,
  ) {}

  static async open(): Promise<CliHarness> {
    return new CliHarness(await FakeApi.open(), await mkdtemp(join(tmpdir(), 'ap-spec-')));
  }

  get env(): Record<string, string> {
    return { HOME: this.home, XDG_CONFIG_HOME: this.home };
  }

  get profilesPath(): string {
    return join(this.home, 'clawbutler', 'profiles.json');
  }

  /** Runs `ap` in this process as somebody with a token in the environment. */
  ap(argv: readonly string[], around: Around = {}): Promise<Ended> {
    return this.stranger(argv, { ...around, env: { AP_URL: this.api.url, AP_TOKEN: ADMIN_TOKEN, ...around.env } });
  }

  /** The same as somebody who has not logged in. */
  async stranger(argv: readonly string[], { env, stdin = '', columns, typed, interrupted }: Around = {}): Promise<Ended> {
    const isTTY = columns !== undefined;
    const rawModes: boolean[] = [];
    const input = Object.assign(new PassThrough(), isTTY ? { isTTY, setRawMode: (mode: boolean) => rawModes.push(mode) } : {});
    if (typed === undefined) input.end(stdin);
    else input.write(typed);
    const out = new Collector(isTTY, columns);
    const err = new Collector(isTTY, columns);
    const terminal = { env: { ...this.env, ...env }, stdin: input, stdout: out, stderr: err, interrupted: interrupted ?? NEVER };
    const code = await main(argv, terminal, '9.8.7');
    return { code, out: out.text, err: err.text, rawModes };
  }

  async json(argv: readonly string[], around: Around = {}): Promise<{ code: number; out: any; err: string }> {
    const { code, out, err } = await this.ap([...argv, '-o', 'json'], around);
    return { code, out: out === '' ? undefined : JSON.parse(out), err };
  }

  async close(): Promise<void> {
    await this.api.close();
    await rm(this.home, { recursive: true, force: true });
  }
}

const NEVER = new AbortController().signal;

/** Keeps what is written, at once. */
class Collector extends Writable {
  text = '';

  constructor(
    readonly isTTY: boolean,
    readonly columns: number | undefined,
  ) {
    super({ decodeStrings: false });
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}
