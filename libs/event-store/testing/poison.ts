import { jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { EventStore } from '@app/event-store';
import type { Stream } from '@app/kernel';

/** Publishes past the event store what is no event; answers its sequence. `head`: headers it has all the same. */
export async function poison(
  store: EventStore,
  subject: string,
  body = 'not json',
  head: Readonly<Record<string, string>> = {},
): Promise<number> {
  const set = headers();
  for (const [name, value] of Object.entries(head)) set.set(name, value);
  return (await jetstream(store.nc).publish(subject, body, { headers: set })).seq;
}

/** The headers of an event, as one that another program publishes may have them. */
export const headersLike = (type: string, version = 1, more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  'ce-id': '5e2c1a52-6d0e-5b0e-9a3c-0c1a7b1f9d11',
  'ce-type': type,
  'ce-time': '2026-02-01T12:00:00.000Z',
  'ce-dataschema': `/schemas/${type}/${version}`,
  ...more,
});

/** Voids a message, as an admin does; `hash`: another one than it has. */
export async function voidMessage(store: EventStore, position: number, { stream = 'facts' as Stream, hash = '' } = {}): Promise<void> {
  const name = stream === 'facts' ? 'FACTS' : 'CALLS';
  const shown = await store.browser.at(stream, position);
  const said = { stream: name, position, hash: hash === '' ? shown?.hash : hash, reason: 'a test' };
  await poison(store, `facts.log.event.${name}-${position}`, JSON.stringify(said), headersLike('log.event.voided'));
}
