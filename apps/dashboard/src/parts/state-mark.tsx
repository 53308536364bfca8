import type { Health } from '../contract.js';
import { type Shape, capital, shapeOf, wordOf } from '../logic/words.js';

export const INK: Record<Health, string> = { up: 'text-up', degraded: 'text-degraded', down: 'text-down', unknown: 'text-unknown' };

/** 12 px shapes that differ in outline, so that they differ without colour too. */
const Drawing = ({ shape }: { shape: Shape }) => {
  switch (shape) {
    case 'disc':
      return <circle cx="6" cy="6" r="4.5" fill="currentColor" />;
    case 'triangle':
      return <path d="M6 1.3 11.3 10.7H.7z" fill="currentColor" stroke="currentColor" strokeWidth="1" strokeLinejoin="round" />;
    case 'hexagon':
      return <path d="M3.4.9h5.2L11.6 6 8.6 11.1H3.4L.4 6z" fill="currentColor" />;
    case 'hollow':
      return (
        <path d="M3.8 1.7h4.4L10.7 6 8.2 10.3H3.8L1.3 6z" fill="none" stroke="currentColor" strokeWidth="1.6" strokeLinejoin="round" />
      );
    case 'key':
      return (
        <>
          <path d="M3.4.9h5.2L11.6 6 8.6 11.1H3.4L.4 6z" fill="currentColor" />
          <path d="M4.7 6a1.3 1.3 0 1 0 0-.1M6 6h3.3M8.3 6v1.4" fill="none" stroke="var(--card)" strokeWidth="1.1" />
        </>
      );
    case 'dashed':
      return <circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" strokeWidth="1.5" strokeDasharray="2.4 1.73" />;
    case 'pause':
      return <path d="M3.8 2v8M8.2 2v8" stroke="currentColor" strokeWidth="2.2" />;
    case 'question':
      return (
        <>
          <circle cx="6" cy="6" r="5" fill="none" stroke="currentColor" strokeWidth="1.2" />
          <path
            d="M4.7 4.8a1.35 1.35 0 1 1 2 1.2c-.5.3-.7.5-.7 1M6 8.6h.01"
            fill="none"
            stroke="currentColor"
            strokeWidth="1.2"
            strokeLinecap="round"
          />
        </>
      );
  }
};

interface StateProps {
  status: string;
  health: Health;
  className?: string;
}

/** The shape alone: where the word stands beside it. */
export const StateShape = ({ status, health, className = '', size = 12 }: StateProps & { size?: number }) => (
  <svg viewBox="0 0 12 12" width={size} height={size} aria-hidden="true" className={`shrink-0 ${INK[health]} ${className}`}>
    <Drawing shape={shapeOf(status, health)} />
  </svg>
);

/** Shape and word. */
export const StateMark = ({ status, health, className = '' }: StateProps) => (
  <span className={`flex min-w-0 items-center gap-2 ${className}`}>
    <StateShape status={status} health={health} />
    <span className={`truncate font-medium ${INK[health]}`}>{capital(wordOf(status))}</span>
  </span>
);
