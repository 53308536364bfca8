import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import type { Instant, NewEvent } from '@app/kernel';
import type { NatsConnection } from '@nats-io/transport-node';
import { CallLog, type CallRecord } from './call-log.js';
import { type DiskWatch, assertRoom } from './disk-watch.js';
import { headersOf, sourceOf } from './envelope.js';
import type { InstanceIdentity } from './identity.js';
import type { LogGate } from './log-gate.js';
import { spoken } from './silence.js';
import { CALLS } from './streams.js';

/** Keeps calls in their stream; the server tells repetitions by their id. */
export class LogCallLog extends CallLog {
  private readonly source: string;
  private readonly js: JetStreamClient;

  constructor(
    nc: NatsConnection,
    identity: InstanceIdentity,
    private readonly gate: LogGate,
    private readonly disk: Pick<DiskWatch, 'full'> = {},
    private readonly now: () => Instant = () => new Date().toISOString() as Instant,
  ) {
    super();
    this.source = sourceOf(identity);
    this.js = jetstream(nc);
  }

  async record(event: NewEvent, { actor, id, timeoutMs }: CallRecord): Promise<string> {
    assertRoom(this.disk);
    const headers = headersOf(event, id, this.source, { commandId: id, actor, at: this.now() });
    const publish = () => this.js.publish(event.subject, JSON.stringify(event.data), { headers, timeout: timeoutMs });
    await this.gate.pass(CALLS);
    const { seq } = await spoken(publish);
    this.gate.note(CALLS, seq);
    return this.gate.token({ calls: seq });
  }
}
