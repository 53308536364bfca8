import type { Instant } from '@app/kernel';
import type { Direction } from '../events/index.js';
import type { PeerId } from '../../peers/events/index.js';
import type { MethodClass } from '../../routing/events/index.js';
import type { Binding, ProtocolVersion } from '../events/a2a-words.js';
import type { CallReason } from '../events/call-reason.js';

/** A call as the proxy knows it before it goes on. Texts are as the other side wrote them, of any length: the record cuts them. */
export interface CallAsked {
  readonly direction: Direction;
  readonly peer_id: PeerId;
  readonly call_id: string;
  readonly agent: string;
  readonly method: string | null;
  readonly method_class: MethodClass;
  readonly protocol_version: ProtocolVersion | null;
  readonly binding: Binding | null;
  /** The JSON text of the id. */
  readonly rpc_id: string | null;
  readonly task_id: string | null;
  readonly context_id: string | null;
  readonly message_id: string | null;
  readonly request_bytes: number;
  readonly rule_id: string | null;
  readonly rule_version: number | null;
  readonly caller: string | null;
  readonly key_id: string | null;
  /** 32 hex digits; what is not, is not recorded. */
  readonly trace_id: string | null;
  /** Who asks for it: `token:<id>` of a call out. A call in is its peer's. */
  readonly actor: string;
}

/** A call that is under way and on record; to be handed back with its ending. */
export interface OpenCall {
  /** Of this record, and of no other. The call's own id is the caller's choice, who may choose one twice. */
  readonly record_id: string;
  readonly direction: Direction;
  readonly peer_id: PeerId;
  readonly call_id: string;
  readonly actor: string;
}

/** What is measured of a call, however it ended. */
interface Measured {
  readonly ended_at: Instant;
  /** From the request to the first byte of the answer; null: none came. */
  readonly first_byte_ms: number | null;
  readonly total_ms: number;
  readonly response_bytes: number;
  /** null: the answer was no stream of events. */
  readonly sse_events: number | null;
  /** As the answer says; null: it does not. */
  readonly task_id: string | null;
  readonly context_id: string | null;
}

/** How a call ended. `http_status` null: no answer came so far. */
export type CallEnding = Measured &
  (
    | { readonly outcome: 'completed'; readonly http_status: number }
    | {
        readonly outcome: 'failed';
        readonly reason: CallReason<'failed'>;
        readonly http_status: number | null;
        /** null: it is no JSON-RPC error. */
        readonly rpc_error_code: number | null;
      }
    | { readonly outcome: 'aborted'; readonly reason: CallReason<'aborted'>; readonly http_status: number | null }
  );
