import type { ComponentStatus } from '../events/index.js';
import type { EvaluationState } from './evaluation-state.js';

/** The evaluation state of each component that is watched. `Watch` is its only writer; all others read. */
export class EvaluationStates {
  private readonly states = new Map<string, EvaluationState>();

  /** undefined: it is not watched. */
  of(componentId: string): EvaluationState | undefined {
    return this.states.get(componentId);
  }

  statusOf(componentId: string): ComponentStatus {
    return this.of(componentId)?.evaluated.status ?? 'unknown';
  }

  put(componentId: string, state: EvaluationState): void {
    this.states.set(componentId, state);
  }

  drop(componentId: string): void {
    this.states.delete(componentId);
  }
}
