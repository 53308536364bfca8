/** Waits, for real, until something holds; says what it waited for when it does not come. */
export async function eventually(what: string, holds: () => boolean, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (let waitMs = 1; !holds(); waitMs = Math.min(waitMs * 1.5, 40)) {
    if (performance.now() > deadline) throw new Error(`it did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
