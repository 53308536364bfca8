import { useState } from 'react';
import { ProblemError } from '../api/http.js';
import { type FormTrouble, troubleOf } from '../logic/problems.js';

/** What the API had against a form, field by field, until it is sent again or the field is changed. */
export function useFormTrouble<Field extends string>(hints: Readonly<Record<Field, RegExp>>) {
  const [trouble, setTrouble] = useState<FormTrouble<Field>>({ fields: {}, general: null });
  return {
    trouble,
    refused: (error: unknown): void => {
      if (!(error instanceof ProblemError)) throw error;
      setTrouble(troubleOf(error.problem, hints));
    },
    sent: (): void => setTrouble({ fields: {}, general: null }),
    changed: (field: Field): void => setTrouble(({ fields, general }) => ({ fields: { ...fields, [field]: undefined }, general })),
  };
}
