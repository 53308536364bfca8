import { statfs } from 'node:fs/promises';
import { type CpuInfo, arch, cpus, freemem, hostname, platform, release, totalmem } from 'node:os';
import { type HostReport, plainText } from '../../../libs/edge/src/tunnel.protocol.js';

const share = (part: number, all: number): number | null =>
  all > 0 ? Math.min(1, Math.max(0, Math.round((part / all) * 1000) / 1000)) : null;

function times(all: readonly CpuInfo[]): { idle: number; total: number } {
  const sum = (of: (cpu: CpuInfo) => number): number => all.reduce((so, cpu) => so + of(cpu), 0);
  return { idle: sum(({ times }) => times.idle), total: sum(({ times }) => Object.values(times).reduce((a, b) => a + b)) };
}

/** How busy the machine is. CPU since it was asked before, or since the machine started. */
export class Host {
  private before = { idle: 0, total: 0 };

  /** `path`: on the disk that counts. */
  constructor(private readonly path: string) {}

  async measure(): Promise<HostReport> {
    const now = times(cpus());
    const total = now.total - this.before.total;
    const busy = total - (now.idle - this.before.idle);
    this.before = now;
    const disk = await statfs(this.path).catch(() => null);
    return {
      cpu_ratio: share(busy, total),
      mem_ratio: share(totalmem() - freemem(), totalmem()),
      disk_ratio: disk === null ? null : share(disk.blocks - disk.bavail, disk.blocks),
    };
  }
}

/** The tunnel counts UTF-16 units, of which a character may have two: so the cut comes first. */
export const hostName = (): string => plainText(hostname().slice(0, HOSTNAME_UNITS), HOSTNAME_UNITS) || 'unnamed';
export const hostOs = (): string => plainText(`${platform()} ${release()} ${arch()}`.slice(0, OS_UNITS), OS_UNITS);
const HOSTNAME_UNITS = 253;
const OS_UNITS = 128;
