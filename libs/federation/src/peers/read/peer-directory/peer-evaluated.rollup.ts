import { EvaluatedRow, evaluatedRow, rollupOf } from '@app/kernel';
import { EvaluationUpdated } from '../../events/index.js';

/** The latest evaluation of each peer that found other details than the fact before it. */
export const peerEvaluated = rollupOf(EvaluatedRow)({
  table: 'peer_evaluated',
  version: 1,
  id: 'id',
  reads: [EvaluationUpdated],
  key: (event) => event.data.peer_id,
  on: { 'federation.evaluation.updated': (_before, event) => evaluatedRow(event.data.peer_id, event) },
});
