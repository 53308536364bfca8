import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

export type Log = Logger;

/** What may hold a secret, wherever it stands in what is logged. */
const SECRET = ['password', 'pass', 'token', 'secret', 'outbound_secret', 'authorization', 'cookie'];

/** One line of JSON an entry, on stderr: stdout is for what a person asked for. */
export const logger = (level: string, name: string): Log =>
  pino(
    { level, name, redact: { paths: SECRET.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]), censor: '[secret]' } },
    pino.destination({ dest: 2, sync: true }),
  );

/** Nest's own words, in the same log. */
export class NestLog implements LoggerService {
  constructor(private readonly to: Log) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest); // What Nest does while it starts is of interest to who debugs it.
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: 'trace' | 'debug' | 'warn' | 'error' | 'fatal', message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const about = typeof context === 'string' ? { context } : {};
    if (message instanceof Error) this.to[level]({ ...about, err: message }, message.message);
    else this.to[level](about, typeof message === 'string' ? message : JSON.stringify(message));
  }
}
