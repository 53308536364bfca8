import { randomUUID } from 'node:crypto';
import type { Instant, NewEvent, NewOf, TelemetryClass } from '@app/kernel';
import type { NatsConnection } from '@nats-io/transport-node';
import { eventId, headersOf, sourceOf } from './envelope.js';
import type { InstanceIdentity } from './identity.js';
import { Telemetry } from './telemetry.js';

/** Plain publish: the stream stores it, nobody waits for that. */
export class LogTelemetry extends Telemetry {
  lost = 0;
  private readonly source: string;

  constructor(
    private readonly nc: NatsConnection,
    identity: InstanceIdentity,
    private readonly now: () => Instant = () => new Date().toISOString() as Instant,
  ) {
    super();
    this.source = sourceOf(identity);
  }

  record<E extends TelemetryClass>(event: NewOf<E> & NewEvent, actor: string): void {
    const commandId = randomUUID();
    const headers = headersOf(event, eventId(commandId, 0), this.source, { commandId, actor, at: this.now() });
    try {
      this.nc.publish(event.subject, JSON.stringify(event.data), { headers });
    } catch {
      this.lost++; // The connection is closed or draining.
    }
  }
}
