/** JSON with the fields of each object in the order of their names: two texts are equal when their values are. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_field, held: unknown) =>
    typeof held === 'object' && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : held,
  );
