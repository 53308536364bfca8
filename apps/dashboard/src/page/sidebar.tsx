import { useQuery } from '@tanstack/react-query';
import { sessionQuery } from '../api/queries.js';
import type { Section } from '../logic/address.js';
import { worstOf } from '../logic/section-status.js';
import { HEALTH_WORDS } from '../logic/words.js';
import { copyText } from '../parts/copy.js';
import { Icon, type IconName, Mark } from '../parts/icon.js';
import { notify } from '../parts/notices.js';
import { StateShape } from '../parts/state-mark.js';
import { GoTo, usePlace } from './place.js';
import { useSectionStatuses } from './section-statuses.js';

const ENTRIES: readonly { section: Section; name: string; short: string; icon: IconName }[] = [
  { section: 'federation', name: 'Federation Peers', short: 'Peers', icon: 'peers' },
  { section: 'edge', name: 'Edge Agents', short: 'Edge', icon: 'edge' },
  { section: 'services', name: 'Service Health', short: 'Services', icon: 'services' },
  { section: 'events', name: 'Events', short: 'Events', icon: 'events' },
];

/** A column on the left; on a narrow screen a strip above the list. */
export const Sidebar = () => {
  const { section } = usePlace();
  const sectionStatuses = useSectionStatuses();
  return (
    <nav aria-label="Sections" className="believed flex gap-0.5 md:flex-col">
      {ENTRIES.map((entry) => {
        const count = entry.section === 'events' ? undefined : sectionStatuses?.[entry.section];
        const worst = count === undefined ? null : worstOf(count);
        const here = section === entry.section;
        return (
          <GoTo
            key={entry.section}
            to={{ section: entry.section }}
            aria-current={here ? 'page' : undefined}
            className={`flex h-11 min-w-0 flex-1 flex-col items-center justify-center rounded-md text-2xs md:h-8 md:flex-none md:flex-row md:justify-start md:gap-2.5 md:px-2.5 md:text-sm ${
              here ? 'bg-chosen font-medium text-ink' : 'text-soft hover:bg-hover hover:text-ink'
            }`}
          >
            <Icon name={entry.icon} className="hidden md:block" />
            <span className="md:hidden">{entry.short}</span>
            <span className="hidden flex-1 truncate md:block">{entry.name}</span>
            {count === undefined && entry.section !== 'events' && <span className="h-4 md:hidden" />}
            {count !== undefined && (
              <span className="flex items-center gap-1.5">
                {worst !== null && worst !== 'up' && <StateShape status={worst} health={worst} size={10} />}
                {worst !== null && <span className="sr-only">worst state {HEALTH_WORDS[worst]}, </span>}
                <span className="text-xs text-soft">
                  {count.total}
                  <span className="sr-only"> in all</span>
                </span>
              </span>
            )}
          </GoTo>
        );
      })}
    </nav>
  );
};

export const Brand = () => {
  const { data } = useQuery(sessionQuery);
  return (
    <div className="flex min-w-0 items-center gap-2.5">
      <Mark className="shrink-0" />
      <div className="min-w-0 leading-4">
        <p className="font-semibold">ClawButler</p>
        {data === undefined ? <p className="h-4" /> : <InstanceId id={data.instance_id} />}
      </div>
    </div>
  );
};

/** What the other side of a peering asks for. */
const InstanceId = ({ id }: { id: string }) => {
  const copy = async (): Promise<void> => {
    if (await copyText(id)) notify('Instance id copied');
  };
  return (
    <button
      type="button"
      data-tip={`Copy the id of this instance\n${id}`}
      aria-label={`Copy the id of this instance, ${id}`}
      onClick={() => void copy()}
      className="block max-w-full truncate rounded-sm text-xs text-faint hover:text-ink"
    >
      {id}
    </button>
  );
};
