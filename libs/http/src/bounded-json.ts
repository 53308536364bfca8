/** Levels of arrays and objects in one body. The deepest body of a command has three. */
export const MAX_DEPTH = 8;
/** Values in one body, those in lists and objects included. The largest command, a token with 32 bindings, has 132. */
export const MAX_VALUES = 200;

/** A body that no command can be; the filter answers it with its status. */
class Unfit extends Error {
  readonly statusCode = 400;
}

/**
 * Why no command can be made of what was parsed from JSON; null: it is an object with at most 8 levels and 200 values. To be asked before
 * a class is made of it: class-transformer and class-validator recurse, and take their time for each value.
 */
export function whyUnfit(body: unknown): Error | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return new Unfit('The body is not a JSON object.');
  let values = 0;
  let level: object[] = [body];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return new Unfit(`The body has more than ${MAX_DEPTH} levels.`);
    const held: unknown[] = level.flatMap((one) => Object.values(one) as unknown[]);
    values += held.length;
    if (values > MAX_VALUES) return new Unfit(`The body has more than ${MAX_VALUES} values.`);
    level = held.filter((value) => typeof value === 'object' && value !== null);
  }
  return null;
}
