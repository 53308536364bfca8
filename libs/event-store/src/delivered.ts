import type { JsMsg } from '@nats-io/jetstream';
import { type Msg, MsgImpl } from '@nats-io/transport-node';
import type { RawMessage } from './envelope.js';
import { readableHeader, readableJson } from './readable.js';

/**
 * A message as a consumer delivers it. The client decodes headers in a time that grows with the square of their number, and keeps
 * a map of them with each message: of an event with fourteen that was two fifths of what a projector spent. So they are looked up in the
 * text they came as; each name of ours stands there once.
 */
export function delivered(message: JsMsg): RawMessage {
  const { subject, seq } = message;
  const block = blockOf(message);
  const headers = block === undefined ? message.headers : new HeaderBlock(readableHeader(block));
  return { subject, seq, headers, size: message.data.length, json: <T>() => JSON.parse(readableJson(message.string())) as T };
}

const utf8 = new TextDecoder();

/** `NATS/1.0\r\nce-id: ...\r\n\r\n`; undefined where there are none, or the client keeps them elsewhere than it did. */
function blockOf(message: JsMsg): string | undefined {
  const { msg } = message as JsMsg & { msg?: Msg };
  return msg instanceof MsgImpl && msg._msg.hdr > 0 ? utf8.decode(msg._rdata.subarray(0, msg._msg.hdr)) : undefined;
}

class HeaderBlock {
  constructor(private readonly text: string) {}

  get(name: string): string {
    const line = this.text.indexOf(`\r\n${name}:`);
    if (line === -1) return '';
    return this.text.slice(line + name.length + 3, this.text.indexOf('\r\n', line + 2)).trim();
  }
}
