import fc from 'fast-check';

/** Any text: as people write it, any code points, and the ones that stores and terminals do not take. */
const HOSTILE = ['\0', '\u001b', '\u0085', '\n', '\ud800', '\udfff', '\u202e', '\u200b', '\u200d', '\ufeff', '\u2028', '\ufffe', '🙂'];
const piece = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 8 }));
export const anyText = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
  fc.array(fc.oneof(piece, fc.constantFrom(...HOSTILE)), { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('')),
);

/** Resolves when `look` finds something. */
export const until = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
  for (const deadline = Date.now() + 20_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`it did not come to this: ${what}`);
  }
};
