import type { Health, RecordedEvent } from '../contract.js';
import { eventName } from '../logic/timeline.js';
import { StateShape } from './state-mark.js';

/** Its type; with a mark, why no read model uses it. */
export const EventName = ({ event, className = '' }: { event: RecordedEvent; className?: string }) => {
  const name = eventName(event);
  if (!event.voided && event.unreadable === null) return <span className={className}>{name}</span>;
  const health: Health = event.voided || event.unreadable?.code === 'event.unknown' ? 'unknown' : 'degraded';
  return (
    <span className={className}>
      <StateShape status={health} health={health} className="mr-1.5 inline-block" />
      {name}
    </span>
  );
};
