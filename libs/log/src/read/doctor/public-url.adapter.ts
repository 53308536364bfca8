import type { PublicUrlObservation } from './rules/host.rules.js';
import { wordsOf } from './examination.js';

const ANSWER_MS = 3_000;
/** What `/readyz` says is far shorter. */
const MAX_BYTES = 16 * 1024;

/** Asks the public port, by the address that others know, whether it is ready. Follows no redirect. Never throws. */
export async function askReadyz(url: string): Promise<PublicUrlObservation> {
  try {
    const answer = await fetch(`${url}/readyz`, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
    return { url, status: answer.status, body: jsonOf(await beginningOf(answer)) };
  } catch (error) {
    return { url, failed: wordsOf(error) };
  }
}

async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) break; // Which cancels the rest.
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
