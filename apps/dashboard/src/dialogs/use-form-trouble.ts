import { useState } from 'react';
import { ProblemError } from '../api/http.js';
import { type FieldNames, type FormTrouble, troubleOf } from '../logic/problems.js';

/** What the API had against a form, field by field, until it is sent again or the field is changed. */
export function useFormTrouble<Field extends string>(hints: Readonly<Record<Field, RegExp>>, names?: FieldNames<Field>) {
  const [trouble, setTrouble] = useState<FormTrouble<Field>>({ fields: {}, general: null });
  return {
    trouble,
    refused: (error: unknown): void => {
      if (!(error instanceof ProblemError)) throw error;
      setTrouble(troubleOf(error.problem, hints, names));
    },
    /** What is wrong before anything is sent. */
    found: (fields: FormTrouble<Field>['fields']): void => setTrouble({ fields, general: null }),
    sent: (): void => setTrouble({ fields: {}, general: null }),
    changed: (field: Field): void => setTrouble(({ fields, general }) => ({ fields: { ...fields, [field]: undefined }, general })),
  };
}
