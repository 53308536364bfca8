/** What stopped a start, as who runs it needs it: no stack trace where a sentence was thrown. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, next } = error as { code?: unknown; next?: unknown };
  if (typeof code !== 'string') return error.stack ?? error.message;
  return `${error.message} (${code})${typeof next === 'string' ? `\n  next: ${next}` : ''}`;
}
