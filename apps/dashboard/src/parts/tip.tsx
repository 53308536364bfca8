import { useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';

interface Tip {
  readonly text: string;
  /** Of the viewport, pixels: the middle of what it belongs to. */
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

let current: Tip | null = null;
const listeners = new Set<() => void>();

export function showTip(tip: Tip | null): void {
  if (tip === current) return;
  current = tip;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Whatever carries `data-tip` has one: a thousand rows cost no more than one. What it says must be found elsewhere too. */
export const TipLayer = () => {
  const tip = useSyncExternalStore(subscribe, () => current);
  useTipSources();
  return tip === null ? null : <Bubble key={`${tip.text} ${tip.top}`} tip={tip} />;
};

function useTipSources(): void {
  useLayoutEffect(() => {
    const enter = ({ target }: Event): void => {
      const source = target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;
      if (source === null) return showTip(null);
      const { left, width, top, bottom } = source.getBoundingClientRect();
      showTip({ text: source.dataset.tip!, x: left + width / 2, top, bottom });
    };
    const leave = (): void => showTip(null);
    const over = new AbortController();
    const options = { signal: over.signal, passive: true };
    document.addEventListener('pointerover', enter, options);
    document.addEventListener('focusin', (event) => (event.target as Element).matches(':focus-visible') && enter(event), options);
    for (const end of ['focusout', 'pointerdown', 'keydown', 'scroll'])
      document.addEventListener(end, leave, { ...options, capture: true });
    return () => over.abort();
  }, []);
}

const MARGIN = 8;

const Bubble = ({ tip }: { tip: Tip }) => {
  const bubble = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState({ left: -9999, top: -9999 });
  useLayoutEffect(() => {
    const { width, height } = bubble.current!.getBoundingClientRect();
    const left = Math.max(MARGIN, Math.min(tip.x - width / 2, document.documentElement.clientWidth - width - MARGIN));
    const above = tip.top - height - 6;
    setPlace({ left, top: above < MARGIN ? tip.bottom + 6 : above });
  }, [tip]);
  return (
    <div
      ref={bubble}
      aria-hidden="true"
      style={place}
      className="pointer-events-none fixed z-50 max-w-80 rounded-md bg-act px-2 py-1 text-xs whitespace-pre-line text-act-ink"
    >
      {tip.text}
    </div>
  );
};
