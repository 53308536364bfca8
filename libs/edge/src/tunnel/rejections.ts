import type { Rejection } from '../events/index.js';
import type { Post } from '../live/post.js';

/** Handshakes of one agent that were rejected since its last tunnel began. */
export interface Rejected {
  readonly count: number;
  readonly reason: Rejection;
  /** By which it asked, when its signature holds for it. */
  readonly address: string | null;
}

/** One more, which is to be told. */
export function reject(post: Post, reason: Rejection, address: string | null = null): void {
  post.rejected = { count: (post.rejected?.count ?? 0) + 1, reason, address };
  post.isRejectionDue = true;
}
