import { Injectable } from '@nestjs/common';
import { InstanceIdentity, LogInspector, LogMarks } from '@app/event-store';
import { PublicOptions } from '@app/http';
import { Clock, RELEASE } from '@app/kernel';
import { DatabaseInspector, Projections } from '@app/read-store';
import { Disks } from '../../disks.js';
import { StrangersSource } from '../../strangers.js';
import { KeyLook } from '../../key-look.js';
import type { DoctorReport } from './doctor.view.js';
import { type Check, type Finding, examine } from './examination.js';
import { askReadyz } from './public-url.adapter.js';
import { strangersRule } from './rules/federation.rules.js';
import { type ClocksObservation, clockRule, diskRule, aliasesRule, publicUrlRule } from './rules/host.rules.js';
import { keyRule } from './rules/key.rules.js';
import { type LogObservation, logRule, natsRule, natsSilent, streamsRule } from './rules/log.rules.js';
import { type StreamEnds, checkpointsRule, parkedRule, postgresqlRule, postgresqlSilent, projectionsRule } from './rules/read.rules.js';

/** One check may take this long; a client waits 10 s for the whole answer. */
const CHECK_MS = 4_000;

/** Looks at everything this process stands on. No machine that is broken keeps it from an answer. */
@Injectable()
export class Doctor {
  private running: Promise<DoctorReport> | undefined;

  constructor(
    private readonly log: LogInspector,
    private readonly marks: LogMarks,
    private readonly database: DatabaseInspector,
    private readonly projections: Projections,
    private readonly disks: Disks,
    private readonly strangers: StrangersSource,
    private readonly publicOptions: PublicOptions,
    private readonly identity: InstanceIdentity,
    private readonly clock: Clock,
    private readonly key: KeyLook,
  ) {}

  /** Those who ask at the same time get the same report, so that checks do not pile up at a machine that hangs. */
  report(): Promise<DoctorReport> {
    return (this.running ??= this.examine().finally(() => (this.running = undefined)));
  }

  private async examine(): Promise<DoctorReport> {
    const checks = await examine(this.checks(), this.clock, CHECK_MS);
    return { checks, release: RELEASE, instance_id: this.identity.instance_id };
  }

  private checks(): Check[] {
    let listing: ReturnType<Projections['list']> | undefined;
    const models = (): ReturnType<Projections['list']> => (listing ??= this.projections.list());
    return [
      this.nats(),
      { id: 'streams', title: 'Streams', needs: ['nats'], look: async () => streamsRule(await this.log.streams()) },
      { id: 'log', title: 'Log', needs: ['nats'], look: async () => logRule(await this.logSeen()) },
      this.postgresql(),
      { id: 'projections', title: 'Read models', needs: ['nats', 'postgresql'], look: async () => projectionsRule(await models()) },
      { id: 'parked', title: 'Parked rows', needs: ['nats', 'postgresql'], look: async () => parkedRule(await models()) },
      { id: 'checkpoints', title: 'Checkpoints', needs: ['nats', 'postgresql'], look: () => this.checkpoints() },
      { id: 'clock', title: 'Clocks', needs: ['nats', 'postgresql'], look: async () => clockRule(await this.clocks()) },
      { id: 'disk', title: 'Disks', needs: [], look: () => this.diskSpace() },
      {
        id: 'public_url',
        title: 'Public address',
        needs: [],
        look: async () => publicUrlRule(await askReadyz(this.publicOptions.publicUrl)),
      },
      {
        id: 'addresses',
        title: 'Other addresses',
        needs: [],
        look: async () => aliasesRule({ aliases: this.publicOptions.aliases ?? [], nowMs: this.clock.wallMs() }),
      },
      {
        id: 'strangers',
        title: 'Refused instances',
        needs: ['nats'],
        look: async () => strangersRule(await this.strangers.lately()),
      },
      { id: 'instance_key', title: 'Instance key', needs: ['nats', 'postgresql'], look: async () => keyRule(await this.key.look()) },
    ];
  }

  private nats(): Check {
    const undone = (words: string): Finding => natsSilent(this.log.address, words);
    return { id: 'nats', title: 'NATS JetStream', needs: [], look: async () => natsRule(await this.log.server()), undone };
  }

  private postgresql(): Check {
    const look = async (): Promise<Finding> => {
      const [server, migrations] = [await this.database.server(), await this.database.migrations()];
      return postgresqlRule({ server, migrations, diskFull: this.database.diskFull });
    };
    return { id: 'postgresql', title: 'PostgreSQL', needs: [], look, undone: postgresqlSilent };
  }

  private async logSeen(): Promise<LogObservation> {
    const record = this.marks.read().catch(() => null); // The check of PostgreSQL says that it is silent.
    const streams = await this.log.streams();
    return {
      instanceId: this.identity.instance_id,
      acceptLine: this.log.acceptLine,
      state: this.log.condition(),
      record: await record,
      facts: streams.find(({ name }) => name === 'FACTS')?.state ?? null,
    };
  }

  private async checkpoints(): Promise<Finding> {
    const checkpoints = await this.database.checkpoints(); // Before the ends: the streams grow meanwhile.
    return checkpointsRule(checkpoints, await this.ends());
  }

  private async ends(): Promise<StreamEnds> {
    const streams = await this.log.streams();
    const readiness = this.log.condition();
    const endOf = (name: string) => {
      const state = streams.find((one) => one.name === name)?.state ?? null;
      return state && { lastSeq: state.lastSeq, incarnation: readiness.find(({ stream }) => stream === name)?.incarnation ?? null };
    };
    return { facts: endOf('FACTS'), calls: endOf('CALLS'), telemetry: endOf('TELEMETRY') };
  }

  private async clocks(): Promise<ClocksObservation> {
    const wallMs = (): number => this.clock.wallMs();
    const [nats, postgresql] = await Promise.all([this.log.clock(wallMs).catch(() => null), this.database.clock(wallMs).catch(() => null)]);
    return { nats, postgresql };
  }

  private async diskSpace(): Promise<Finding> {
    const spaces = await this.disks.spaces();
    return diskRule({ natsFull: this.log.diskFull, postgresqlFull: this.database.diskFull, spaces });
  }
}
