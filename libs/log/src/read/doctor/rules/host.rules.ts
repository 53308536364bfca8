import type { ClockRead } from '@app/event-store';
import type { PublicAlias } from '@app/http';
import type { DiskSpace } from '../../../disks.js';
import { type Finding, fail, ok, warn } from '../examination.js';

/** How far two clocks may be apart, ms. */
const OFF_MS = 2_000;
const FAR_OFF_MS = 30_000;
/** Free space on a disk, bytes. */
const LOW_BYTES = 1024 ** 3;

export interface ClocksObservation {
  /** null: it could not be read. */
  readonly nats: ClockRead | null;
  readonly postgresql: ClockRead | null;
}

export function clockRule({ nats, postgresql }: ClocksObservation): Finding {
  const read = [...offsetOf('NATS', nats), ...offsetOf('PostgreSQL', postgresql)];
  const unread = [nats === null ? 'NATS' : '', postgresql === null ? 'PostgreSQL' : ''].filter((name) => name !== '');
  const [worst] = read.toSorted((a, b) => Math.abs(b.ms) - Math.abs(a.ms));
  const next = 'Set the clocks of all machines by the same time servers (NTP). Peers refuse signatures that are five minutes off.';
  if (worst !== undefined && Math.abs(worst.ms) >= OFF_MS) {
    const words = `The clock of this process is ${seconds(worst.ms)} ${worst.ms > 0 ? 'behind' : 'ahead of'} that of ${worst.name}.`;
    return (Math.abs(worst.ms) >= FAR_OFF_MS ? fail : warn)(words, next);
  }
  if (unread.length > 0)
    return warn(`The clock could not be compared with that of ${unread.join(' and ')}.`, 'Run the doctor again when they answer.');
  return ok(`The clocks of this process, NATS and PostgreSQL differ by less than ${OFF_MS / 1_000} s.`);
}

const seconds = (ms: number): string => `${Math.abs(ms / 1_000).toFixed(1)} s`;

/** How far their clock is ahead of ours at least, ms: the way of the answer is in our favour. */
function offsetOf(name: string, read: ClockRead | null): { readonly name: string; readonly ms: number }[] {
  if (read === null) return [];
  const { beforeMs, theirMs, afterMs } = read;
  return [{ name, ms: theirMs > afterMs ? theirMs - afterMs : Math.min(0, theirMs - beforeMs) }];
}

export interface DisksObservation {
  /** A sentence while the disk of NATS is full. */
  readonly natsFull: string | undefined;
  readonly postgresqlFull: boolean;
  readonly spaces: readonly DiskSpace[];
}

export function diskRule({ natsFull, postgresqlFull, spaces }: DisksObservation): Finding {
  const next = 'Free space on that disk, or enlarge it. An embedded server goes on by itself within a minute.';
  if (natsFull !== undefined) return fail(natsFull, next);
  if (postgresqlFull) return fail('The disk of PostgreSQL is full: it takes nothing new.', next);
  const low = spaces.filter(({ freeBytes }) => freeBytes < LOW_BYTES);
  if (low.length > 0)
    return warn(`Little space is left: ${free(low)}.`, 'Free space before the disk is full: then every command is refused.');
  const known = spaces.length === 0 ? 'this process sees no disk of a server, so their free space is not known' : free(spaces);
  return ok(`No server has met a full disk; ${known}.`);
}

const free = (spaces: readonly DiskSpace[]): string =>
  spaces.map(({ name, freeBytes }) => `${name} has ${size(freeBytes)} free`).join(', ');
const size = (bytes: number): string =>
  bytes >= 1024 ** 3 ? `${(bytes / 1024 ** 3).toFixed(1)} GiB` : `${Math.floor(bytes / 1024 ** 2)} MiB`;

export interface AliasesObservation {
  readonly aliases: readonly PublicAlias[];
  readonly nowMs: number;
}
/** An alias that ends within this is worth a warning, ms. */
const SOON_MS = 14 * 86_400_000;

export function aliasesRule({ aliases, nowMs }: AliasesObservation): Finding {
  if (aliases.length === 0) return ok('This instance is asked by PUBLIC_URL only: PUBLIC_URL_ALIASES is not set.');
  const leftMs = ({ endsAt }: PublicAlias): number => Date.parse(endsAt) - nowMs;
  const said = aliases.map((alias) => `${alias.url} ${leftMs(alias) > 0 ? 'until' : 'ended at'} ${alias.endsAt}`).join(', ');
  if (aliases.some((alias) => leftMs(alias) <= 0))
    return warn(`Other addresses: ${said}. What ended is refused.`, 'Remove what ended from PUBLIC_URL_ALIASES, or give it a later day.');
  if (aliases.some((alias) => leftMs(alias) < SOON_MS))
    return warn(
      `Other addresses, accepted for a while: ${said}.`,
      'Before that move agents by `edge-agent server <url>`, and peers by registering PUBLIC_URL; see docs/operations.md.',
    );
  return ok(`Other addresses, accepted for a while: ${said}.`);
}

/** What came of a request to `/readyz` at PUBLIC_URL. */
export type PublicUrlObservation = { readonly url: string } & (
  { readonly failed: string } | { readonly status: number; /** What the answer is as JSON; undefined: none. */ readonly body: unknown }
);

export function publicUrlRule(seen: PublicUrlObservation): Finding {
  const { url } = seen;
  const look = `Ask from another machine: curl -sS ${url}/readyz. Compare PUBLIC_URL, the proxy in front and PUBLIC_PORT.`;
  if ('failed' in seen) return warn(`${url} cannot be reached from this process: ${seen.failed}. A proxy may forbid it from inside.`, look);
  const { status, failing, event_loop_ms } = (seen.body ?? {}) as { status?: unknown; failing?: unknown; event_loop_ms?: unknown };
  if (!Array.isArray(failing) || (status !== 'ready' && status !== 'not_ready'))
    return warn(`${url}/readyz answers with status ${seen.status}, and not as the public port of this system does.`, look);
  if (event_loop_ms !== undefined)
    // Only the API says it.
    return warn(
      `${url} leads to the port of the API, not to the public one.`,
      'Let PUBLIC_URL, or the proxy behind it, lead to PUBLIC_PORT.',
    );
  if (status === 'not_ready')
    return warn(
      `${url} answers, and is not ready: ${failing.join(', ')}.`,
      'Correct what it names: see docs/operations.md, "Service Health".',
    );
  return ok(`${url} answers and is ready.`);
}
