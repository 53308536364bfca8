import { type Instant, healthOf } from '@app/kernel';
import { told } from './overlay.js';
import type { Component } from '../read/component-directory/component-directory.view.js';

/** Why the log takes nothing, and since when this process knows. */
export interface LogTrouble {
  readonly sentence: string;
  readonly sinceMs: number;
}

/** NATS answers, and yet is red: no fact can say so, since none is written. */
export const overLog = (components: readonly Component[], trouble: LogTrouble | null, nowMs: number): Component[] =>
  components.map((one) =>
    trouble === null || one.component_id !== 'nats'
      ? one
      : {
          ...one,
          status: 'red' as const,
          health: healthOf('red'),
          ...told('log_rewound', { said: trouble.sentence }, nowMs),
          since: new Date(trouble.sinceMs).toISOString() as Instant,
          evidence: [],
          observed: 'live' as const,
        },
  );
