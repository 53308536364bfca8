import type { Rejection } from '../events/index.js';
import type { Post } from './post.js';

/** One more, which is to be told. */
export function reject(post: Post, reason: Rejection, address: string | null = null): void {
  post.rejected = { count: (post.rejected?.count ?? 0) + 1, reason, address };
  post.isRejectionDue = true;
}
