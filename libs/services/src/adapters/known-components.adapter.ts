import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { FACTS } from '@app/event-store';
import { subjectOf } from '@app/kernel';
import { component } from '../component.stream.js';
import { KnownComponents } from '../runtime/ports.js';

const ASK_MS = 3_000;

/** From the log itself, which has a subject for each: rows may be behind, or not there. */
export class ComponentsInLog extends KnownComponents {
  constructor(private readonly nc: NatsConnection) {
    super();
  }

  async ids(): Promise<string[]> {
    const jsm = await jetstreamManager(this.nc, { checkAPI: false, timeout: ASK_MS });
    const { state } = await jsm.streams.info(FACTS, { subjects_filter: subjectOf('fact', component.name, '*') });
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(subject.lastIndexOf('.') + 1));
  }
}
