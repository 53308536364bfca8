import { useSyncExternalStore } from 'react';

const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];
const KEPT_AS = 'clawbutler.theme';

const listeners = new Set<() => void>();
let theme: Theme = 'system';

/** Sets what was chosen on the last visit; called before the first paint. */
export function restoreTheme(): void {
  try {
    theme = THEMES.find((name) => name === localStorage.getItem(KEPT_AS)) ?? 'system';
  } catch {
    // A browser that keeps nothing gets the system's theme.
  }
  show();
}

export function chooseTheme(next: Theme): void {
  theme = next;
  try {
    localStorage.setItem(KEPT_AS, next);
  } catch {
    // It holds for this visit.
  }
  show();
  for (const listener of listeners) listener();
}

export const nextTheme = (): Theme => THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;

export const useTheme = (): Theme =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => theme,
  );

function show(): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
