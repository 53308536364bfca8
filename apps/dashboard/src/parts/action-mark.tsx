import type { Route } from '../contract.js';
import { ACTION_HEALTH } from '../logic/rules.js';
import { capital } from '../logic/words.js';
import { Icon } from './icon.js';
import { INK } from './state-mark.js';

const SIGNS = { allow: 'check', route: 'check', deny: 'refuse' } as const;

/** What a rule does with a call: sign, word and colour, and where it goes. */
export const ActionMark = ({ action, target_url: target }: Pick<Route, 'action' | 'target_url'>) => (
  <span className="flex min-w-0 items-start gap-1.5">
    <span className={`flex shrink-0 items-center gap-1.5 font-medium ${INK[ACTION_HEALTH[action]]}`}>
      <Icon name={SIGNS[action]} />
      {capital(action)}
    </span>
    {target !== null && (
      // Whole: what tells two targets apart is at their ends.
      <span data-target="" className="mt-0.5 min-w-0 font-mono text-xs break-all text-soft">
        {target}
      </span>
    )}
  </span>
);
