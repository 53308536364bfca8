import { type JetStreamClient, jetstream } from '@nats-io/jetstream';
import type { Instant, NewEvent } from '@app/kernel';
import type { NatsConnection } from '@nats-io/transport-node';
import { CallLog, type CallRecord, type Filled } from './call-log.js';
import { headersOf, sourceOf } from './envelope.js';
import { LogFull } from './errors.js';
import type { InstanceIdentity } from './identity.js';
import type { LogGate } from './log-gate.js';
import { BOUNDLESS, type LogSpace, OVERHEAD_BYTES } from './log-space.js';
import { withUnavailable } from './unavailable.js';
import { CALLS } from './streams.js';

/** Keeps calls in their stream; the server tells repetitions by their id. */
export class LogCallLog extends CallLog {
  private readonly source: string;
  private readonly js: JetStreamClient;

  constructor(
    nc: NatsConnection,
    identity: InstanceIdentity,
    private readonly gate: LogGate,
    private readonly space: Pick<LogSpace, 'lacking' | 'wrote' | 'filled'> = BOUNDLESS,
    private readonly now: () => Instant = () => new Date().toISOString() as Instant,
  ) {
    super();
    this.source = sourceOf(identity);
    this.js = jetstream(nc);
  }

  get filled(): Filled | null {
    return this.space.filled;
  }

  async record(event: NewEvent, { actor, id, timeoutMs }: CallRecord): Promise<string> {
    this.gate.assertNotClosed(CALLS); // Before the stream is asked how full it is: it may not be there.
    const lacking = await this.space.lacking([event.type]);
    if (lacking !== undefined) throw new LogFull(lacking);
    const data = JSON.stringify(event.data);
    const headers = headersOf(event, id, this.source, { commandId: id, actor, at: this.now() });
    const publish = () => this.js.publish(event.subject, data, { headers, timeout: timeoutMs });
    await this.gate.pass(CALLS);
    const { seq } = await withUnavailable(publish);
    this.space.wrote(event.subject.length + data.length + OVERHEAD_BYTES);
    this.gate.note(CALLS, seq);
    return this.gate.token({ calls: seq });
  }
}
