import { EvaluatedRow, evaluatedRow, rollupOf } from '@app/kernel';
import { EvaluationUpdated } from '../../events/index.js';

/** The latest evaluation of each component that found other details than the fact before it. */
export const componentEvaluated = rollupOf(EvaluatedRow)({
  table: 'component_evaluated',
  version: 1,
  id: 'id',
  reads: [EvaluationUpdated],
  key: (event) => event.data.component_id,
  on: { 'services.evaluation.updated': (_before, event) => evaluatedRow(event.data.component_id, event) },
});
