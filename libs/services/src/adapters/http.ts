/** What a server said, as far as a probe reads it. */
export interface HttpAnswer {
  readonly status: number;
  /** The header Retry-After. */
  readonly retryAfter: string | null;
  /** undefined: the body is no JSON, or longer than MAX_BODY_BYTES. */
  readonly json: unknown;
}

const MAX_BODY_BYTES = 65_536;

/** GET, without credentials, redirects and the headers of a proxy, over a connection of its own. Throws what `fetch` throws. */
export async function get(url: string, signal: AbortSignal): Promise<HttpAnswer> {
  const headers = { accept: 'application/json', connection: 'close' };
  const response = await fetch(url, { redirect: 'manual', signal, headers });
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const text = await bounded(response, isJson);
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, retryAfter, json: isJson && text !== undefined ? parsed(text) : undefined };
}

async function bounded(response: Response, isWanted: boolean): Promise<string | undefined> {
  if (response.body === null) return undefined;
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const parts: Uint8Array[] = [];
  for (let bytes = 0; isWanted && bytes <= MAX_BODY_BYTES;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts).toString('utf8');
    bytes += value.length;
    parts.push(value);
  }
  await reader.cancel();
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
