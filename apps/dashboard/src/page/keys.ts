import { useEffect, useEffectEvent } from 'react';

export interface Keys {
  /** Called for `r`. */
  refresh: () => void;
  /** Called for `?`. */
  help: () => void;
  /** Called for Escape, when no dialog took it. */
  escape: () => void;
}

/** Keys mean nothing while somebody types, or a dialog holds the page. */
const isElsewhere = ({ target, ctrlKey, metaKey, altKey }: KeyboardEvent): boolean =>
  ctrlKey || metaKey || altKey || document.querySelector('[data-modal], [role=menu]') !== null || isTyping(target);

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

/** `/` search, `j` and `k` through the rows, Enter by the row's own link, `r`, `?`, Escape. */
export function useKeys(keys: Keys): void {
  const act = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented) return;
    if (event.key === 'Escape' && isTyping(event.target)) return (event.target as HTMLElement).blur();
    if (isElsewhere(event)) return;
    const action = { '/': focusSearch, j: () => step(1), k: () => step(-1), r: keys.refresh, '?': keys.help, Escape: keys.escape }[
      event.key
    ];
    if (action === undefined) return;
    if (event.key !== 'Escape') event.preventDefault();
    action();
  });
  useEffect(() => {
    document.addEventListener('keydown', act);
    return () => document.removeEventListener('keydown', act);
  }, []);
}

function focusSearch(): void {
  const search = document.querySelector<HTMLInputElement>('[data-search]');
  search?.focus();
  search?.select();
}

/** To the next row or the one before; with a drawer open, to that row's drawer. */
function step(by: 1 | -1): void {
  const links = [...document.querySelectorAll<HTMLAnchorElement>('[data-row-link]')];
  if (links.length === 0) return;
  const focused = links.indexOf(document.activeElement as HTMLAnchorElement);
  const chosen = links.findIndex((link) => link.hasAttribute('aria-current'));
  const from = focused === -1 ? chosen : focused;
  const next = links[from === -1 ? (by === 1 ? 0 : links.length - 1) : Math.max(0, Math.min(links.length - 1, from + by))]!;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
  if (chosen !== -1) next.click();
}
