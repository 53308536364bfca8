import { useSyncExternalStore } from 'react';
import { Icon } from './icon.js';

const SHOWN_MS = 5_000;

let text: string | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

/** Says what was done, for five seconds. The next one replaces it. */
export function notify(next: string | null): void {
  clearTimeout(timer);
  text = next;
  if (next !== null) timer = setTimeout(() => notify(null), SHOWN_MS);
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useNotice = (): string | null => useSyncExternalStore(subscribe, () => text);

/** For the eyes; the page's one live region says it to the ears. */
export const NoticeLayer = () => {
  const notice = useNotice();
  if (notice === null) return null;
  return (
    <div aria-hidden="true" className="pointer-events-none fixed inset-x-0 bottom-5 z-50 flex justify-center px-4">
      <p className="rise flex items-center gap-2 rounded-lg bg-act px-3.5 py-2 font-medium text-act-ink shadow-pop">
        <Icon name="check" />
        {notice}
      </p>
    </div>
  );
};
