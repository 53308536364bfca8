import { useSyncExternalStore } from 'react';
import { Icon } from './icon.js';

const SHOWN_MS = 5_000;

interface Notice {
  readonly text: string;
  /** Whether it went as it should. */
  readonly ok: boolean;
  /** Said only to the ears: it stands on the page already. */
  readonly seen: boolean;
}

let notice: Notice | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function show(next: Notice | null): void {
  clearTimeout(timer);
  notice = next;
  if (next !== null) timer = setTimeout(() => show(null), SHOWN_MS);
  for (const listener of listeners) listener();
}

/** Says what was done, for five seconds. The next one replaces it. */
export const notify = (text: string, ok = true): void => show({ text, ok, seen: false });

/** Says what has appeared on the page, to those who do not see it appear. */
export const announce = (text: string): void => show({ text, ok: true, seen: true });

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useNotice = (): string | null => useSyncExternalStore(subscribe, () => notice?.text ?? null);

/** For the eyes; the page's one live region says it to the ears. */
export const NoticeLayer = () => {
  const shown = useSyncExternalStore(subscribe, () => notice);
  if (shown === null || shown.seen) return null;
  return (
    <div aria-hidden="true" className="pointer-events-none fixed inset-x-0 bottom-5 z-50 flex justify-center px-4">
      <p className="rise flex items-center gap-2 rounded-lg bg-act px-3.5 py-2 font-medium text-act-ink shadow-pop">
        <Icon name={shown.ok ? 'check' : 'alert'} />
        {shown.text}
      </p>
    </div>
  );
};
