import type { Direction, Outcome } from '../contract.js';
import { OUTCOME_HEALTH, OUTCOME_SAYS } from '../logic/calls.js';
import { capital } from '../logic/words.js';
import { Icon, type IconName } from './icon.js';
import { INK } from './state-mark.js';

const ICONS: Record<Outcome, IconName> = {
  open: 'under',
  completed: 'check',
  failed: 'cross',
  aborted: 'stop',
  denied: 'refuse',
  unknown: 'help',
};

/** How a call ended: sign, word and colour. */
export const OutcomeMark = ({ outcome, className = '' }: { outcome: Outcome; className?: string }) => (
  <span className={`flex items-center gap-1.5 font-medium ${INK[OUTCOME_HEALTH[outcome]]} ${className}`} data-tip={OUTCOME_SAYS[outcome]}>
    <Icon name={ICONS[outcome]} />
    {capital(outcome)}
  </span>
);

/** From the peer to us, or from us to it. */
export const DirectionMark = ({ direction, className = '' }: { direction: Direction; className?: string }) => (
  <span
    className={`flex items-center gap-1 ${className}`}
    data-tip={direction === 'in' ? 'From the peer to an agent here' : 'From here to an agent of the peer'}
  >
    <Icon name={direction} className="size-3.5" />
    {direction}
  </span>
);
