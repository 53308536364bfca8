/** Resolves as `promise` does; rejects after `ms`. */
export async function within<T>(promise: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => (timer = setTimeout(() => reject(new Error('late')), ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
