import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Suspense, lazy, useEffect } from 'react';
import { closeSession } from '../api/commands.js';
import { askAgain, goLive } from '../api/live.js';
import { KEYS, overviewQuery, sessionQuery } from '../api/queries.js';
import { HatchPattern } from '../parts/bar.js';
import { IconButton } from '../parts/button.js';
import { useFreshness } from '../parts/clock.js';
import { NoticeLayer, notify } from '../parts/notices.js';
import { chooseTheme, nextTheme, useTheme } from '../parts/theme.js';
import { TipLayer } from '../parts/tip.js';
import { QuestionLayer, askFor } from './asking.js';
import { useKeys } from './keys.js';
import { useGo, usePlace } from './place.js';
import { usePolling } from './polling.js';
import { EdgeSection, PeersSection, ServicesSection } from './sections.js';
import { Brand, Sidebar } from './sidebar.js';
import { LiveRegion, OverallStatus } from './overall-status.js';

const EventsSection = lazy(async () => ({ default: (await import('./events.js')).EventsSection }));
const RoutesSection = lazy(() => import('./routes.js'));
const Drawer = lazy(() => import('../drawer/drawer.js'));

/** The page: sections on the left, the status above, the list, and a drawer beside it when a row is open. */
export const Shell = () => {
  const client = useQueryClient();
  const go = useGo();
  const { id } = usePlace();
  useEffect(() => goLive(client), [client]);
  const refresh = (): void => {
    askAgain(client);
    for (const queryKey of [KEYS.events, KEYS.calls, KEYS.routes, KEYS.projections]) void client.invalidateQueries({ queryKey });
    notify('Asked again');
  };
  useKeys({ refresh, help: () => askFor({ kind: 'help' }), escape: () => go({ id: undefined, tab: undefined }) });
  useTitle();
  return (
    <div data-fresh={useFreshness()} className="min-h-dvh md:grid md:grid-cols-[232px_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:z-50 focus:m-2 focus:rounded-md focus:bg-act focus:px-3 focus:py-2 focus:text-act-ink"
      >
        To the list
      </a>
      <aside className="z-20 flex flex-col gap-2 border-line px-4 pt-3 md:sticky md:top-0 md:h-dvh md:gap-6 md:border-r md:px-3 md:pt-5 md:pb-3">
        <div className="flex items-center justify-between md:px-1.5">
          <Brand />
          <div className="md:hidden">
            <Tools />
          </div>
        </div>
        <Sidebar />
        <div className="mt-auto hidden md:block">
          <Tools named />
        </div>
      </aside>
      <div className="flex min-w-0">
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          <OverallStatus onRefresh={refresh} />
          <SectionNow />
        </main>
        {id !== undefined && (
          <Suspense fallback={null}>
            <Drawer />
          </Suspense>
        )}
      </div>
      <HatchPattern />
      <QuestionLayer />
      <NoticeLayer />
      <TipLayer />
      <LiveRegion />
    </div>
  );
};

const SectionNow = () => {
  const { section, view } = usePlace();
  switch (section) {
    case 'federation':
      if (view === undefined) return <PeersSection />;
      return (
        <Suspense fallback={null}>
          <RoutesSection />
        </Suspense>
      );
    case 'services':
      return <ServicesSection />;
    case 'edge':
      return <EdgeSection />;
    case 'events':
      return (
        <Suspense fallback={null}>
          <EventsSection />
        </Suspense>
      );
  }
};

/** How many problems, where the tab shows it. */
function useTitle(): void {
  const { data } = useQuery({ ...overviewQuery, ...usePolling() });
  const problems = data?.data.problems.length ?? 0;
  useEffect(() => {
    document.title = `${problems > 0 ? `(${problems}) ` : ''}Infrastructure · ClawButler`;
  }, [problems]);
}

const THEME_ICON = { system: 'system', light: 'sun', dark: 'moon' } as const;

const Tools = ({ named = false }: { named?: boolean }) => {
  const theme = useTheme();
  const { data: session } = useQuery(sessionQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  const leave = async (): Promise<void> => {
    // A session that cannot be closed any more is over as well.
    await closeSession().catch(() => undefined);
    client.clear();
    await navigate({ to: '/login' });
  };
  return (
    <div className="flex items-center gap-0.5">
      {named && (
        <p className="min-w-0 flex-1 truncate px-1.5 text-xs text-faint" data-tip={session && `${session.actor}, ${session.role}`}>
          {session === undefined ? '' : session.role}
        </p>
      )}
      <IconButton icon={THEME_ICON[theme]} label={`Theme: ${theme}`} onClick={() => chooseTheme(nextTheme())} />
      <IconButton icon="help" label="Keyboard" hint="?" onClick={() => askFor({ kind: 'help' })} />
      <IconButton icon="leave" label="Log out" onClick={() => void leave()} />
    </div>
  );
};
