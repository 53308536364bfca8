import { IsInt, Max, Min } from 'class-validator';

/** What a rule lets through of each caller: a peer, or a token of ours. Each process that passes calls on counts for itself. */
export class RouteLimits {
  /** Calls that begin within a minute. */
  @IsInt() @Min(1) @Max(1_000_000) readonly calls_per_minute: number;

  /** Calls that are under way at once, streams included. */
  @IsInt() @Min(1) @Max(100_000) readonly concurrent_calls: number;

  /** Bytes of request bodies that are held at once, until the answer to each begins. */
  @IsInt() @Min(1024) @Max(1024 ** 3) readonly body_bytes: number;
}

/** Those of a rule that is added without others. */
export const DEFAULT_LIMITS: RouteLimits = { calls_per_minute: 600, concurrent_calls: 64, body_bytes: 16 * 1024 * 1024 };
