import { EvaluatedRow, evaluatedRow, rollupOf } from '@app/kernel';
import { EvaluationUpdated } from '../../events/index.js';

/** The latest evaluation of each agent that found other details than the fact before it. */
export const agentEvaluated = rollupOf(EvaluatedRow)({
  table: 'agent_evaluated',
  version: 1,
  id: 'id',
  reads: [EvaluationUpdated],
  key: (event) => event.data.agent_id,
  on: { 'edge.evaluation.updated': (_before, event) => evaluatedRow(event.data.agent_id, event) },
});
