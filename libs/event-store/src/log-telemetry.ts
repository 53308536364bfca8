import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import type { Instant, NewEvent } from '@app/kernel';
import type { NatsConnection } from '@nats-io/transport-node';
import { type DiskWatch, assertSpace } from './disk-watch.js';
import { eventId, headersOf, sourceOf } from './envelope.js';
import type { InstanceIdentity } from './identity.js';
import type { LogGate } from './log-gate.js';
import { TELEMETRY } from './streams.js';
import { withUnavailable } from './unavailable.js';
import { Telemetry } from './telemetry.js';

/** Keeps telemetry in its stream, without an expectation: nothing is decided on it. */
export class LogTelemetry extends Telemetry {
  private readonly source: string;

  constructor(
    private readonly nc: NatsConnection,
    identity: InstanceIdentity,
    private readonly gate: LogGate,
    private readonly disk: Pick<DiskWatch, 'full'> = {},
    private readonly now: () => Instant = () => new Date().toISOString() as Instant,
  ) {
    super();
    this.source = sourceOf(identity);
  }

  async keep(event: NewEvent, actor: string, timeoutMs: number): Promise<string> {
    assertSpace(this.disk);
    await this.gate.pass(TELEMETRY);
    const commandId = randomUUID();
    const headers = headersOf(event, eventId(commandId, 0), this.source, { commandId, actor, at: this.now() });
    const publish = () => jetstream(this.nc).publish(event.subject, JSON.stringify(event.data), { headers, timeout: timeoutMs });
    const { seq } = await withUnavailable(publish);
    this.gate.note(TELEMETRY, seq);
    return this.gate.token({ telemetry: seq });
  }
}
