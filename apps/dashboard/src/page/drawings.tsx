import type { ReactNode } from 'react';

const Frame = ({ children }: { children: ReactNode }) => (
  <svg viewBox="0 0 168 96" width="168" height="96" fill="none" stroke="var(--edge)" strokeWidth="1.5" aria-hidden="true">
    {children}
  </svg>
);

const House = ({ x, y }: { x: number; y: number }) => (
  <g transform={`translate(${x} ${y})`}>
    <rect width="44" height="40" rx="8" fill="var(--paper)" />
    <path d="M15 29c-2.5-5-2-11 1.5-14M22 30c-1.2-5.5-.8-11 .8-15.5M28.5 29c0-5 1-9.5 2.8-13" stroke="var(--faint)" strokeLinecap="round" />
  </g>
);

/** Two instances, not yet joined. */
export const PeersDrawing = () => (
  <Frame>
    <House x={8} y={28} />
    <House x={116} y={28} />
    <path d="M58 44h52M110 52H58" strokeDasharray="4 4" stroke="var(--faint)" />
  </Frame>
);

/** Gateways with an agent each, and their tunnels to this instance. */
export const EdgeDrawing = () => (
  <Frame>
    <House x={8} y={28} />
    {[6, 38, 70].map((y) => (
      <g key={y}>
        <path d={`M58 48C84 48 84 ${y + 10} 110 ${y + 10}`} strokeDasharray="4 4" stroke="var(--faint)" />
        <rect x="116" y={y} width="44" height="20" rx="5" fill="var(--paper)" />
        <circle cx="126" cy={y + 10} r="3" stroke="var(--faint)" />
        <path d={`M134 ${y + 10}h18`} stroke="var(--faint)" strokeLinecap="round" />
      </g>
    ))}
  </Frame>
);

export const ServicesDrawing = () => (
  <Frame>
    <rect x="8" y="14" width="152" height="68" rx="8" fill="var(--paper)" />
    <path d="M20 50h34l8-20 16 40 10-30 6 10h54" stroke="var(--faint)" strokeLinejoin="round" strokeLinecap="round" strokeDasharray="4 4" />
  </Frame>
);
