import type { SendMessageRequest } from '@a2a-js/sdk';
import { type Client, ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory } from '@a2a-js/sdk/client';

/** The client of the official SDK, as its users make it: it knows a base URL and the header that lets it in. */
export interface SdkClients {
  /** Asks for the card of A2A 1.0. */
  current(base: string): Promise<Client>;
  /** Asks for no version, and is given the card of 0.3. */
  legacy(base: string): Promise<Client>;
}

export function sdkClients(authorization: string): SdkClients {
  const signedIn: typeof fetch = (input, init) => fetch(input, { ...init, headers: { ...headersOf(init), authorization } });
  const connected = (base: string, cardFetch: typeof fetch): Promise<Client> => {
    const legacyCompat = { enabled: true };
    return new ClientFactory({
      transports: [new JsonRpcTransportFactory({ fetchImpl: signedIn, legacyCompat })],
      cardResolver: new DefaultAgentCardResolver({ fetchImpl: cardFetch, legacyCompat }),
    }).createFromUrl(base);
  };
  return { current: (base) => connected(base, signedIn), legacy: (base) => connected(base, (input) => signedIn(input)) };
}

const headersOf = (init: RequestInit | undefined): Record<string, string> => Object.fromEntries(new Headers(init?.headers));

/** A message of one text, as a request. */
export const tell = (text: string): SendMessageRequest => ({
  tenant: '',
  message: {
    ...{ messageId: 'm-1', contextId: 'c-1', taskId: '', role: 1, metadata: undefined, extensions: [], referenceTaskIds: [] },
    parts: [{ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: 'text/plain' }],
  },
  configuration: undefined,
  metadata: undefined,
});

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** As JSON, with the ids that every run makes anew numbered as they come. */
export function settled(value: unknown): unknown {
  const ids: string[] = [];
  const numbered = JSON.stringify(value).replaceAll(UUID, (id) => `id-${ids.includes(id) ? ids.indexOf(id) : ids.push(id) - 1}`);
  return JSON.parse(numbered);
}

export async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const events: T[] = [];
  for await (const event of stream) events.push(event);
  return events;
}
