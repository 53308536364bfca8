import type { ReactNode } from 'react';
import type { Answer } from '../contract.js';
import { duration } from '../logic/moment.js';
import { Icon } from '../parts/icon.js';

export const SectionHead = ({ title, action, children }: { title: string; action?: ReactNode; children?: ReactNode }) => (
  <div className="mb-3 flex flex-wrap items-center gap-2">
    <h2 id="section-title" className="mr-auto text-lg font-semibold">
      {title}
    </h2>
    {children}
    {action}
  </div>
);

/** Behind by more than this is worth saying. */
const LAG_SAID_MS = 5_000;

/** What the answer lacks, in the server's words. */
export const Warnings = ({ answer: { warnings, lag_ms: lagMs } }: { answer: Pick<Answer<unknown>, 'warnings' | 'lag_ms'> }) => {
  const lines = warnings.map(({ code, detail }) => ({ code, detail }));
  if (lagMs !== null && lagMs > LAG_SAID_MS)
    lines.push({ code: 'read.lag', detail: `The read model is ${duration(lagMs)} behind the events: newer changes are not shown yet.` });
  if (lines.length === 0) return null;
  return (
    <ul className="mb-3 grid gap-1.5 rounded-lg bg-degraded-wash px-3 py-2.5">
      {lines.map(({ code, detail }) => (
        <li key={code + detail} className="flex gap-2.5">
          <Icon name="alert" className="mt-0.5 text-degraded" />
          <span>
            {detail} <span className="font-mono text-xs text-soft">{code}</span>
          </span>
        </li>
      ))}
    </ul>
  );
};

/** What stands where there is nothing yet: what it would be, and how it gets here. */
export const EmptyState = ({ title, children, drawing }: { title: string; children: ReactNode; drawing: ReactNode }) => (
  <div className="rounded-lg border border-dashed border-edge bg-card px-5 py-8 sm:px-8 sm:py-10">
    <div className="flex flex-col gap-6 lg:flex-row lg:gap-10">
      <div className="shrink-0">{drawing}</div>
      <div className="max-w-[62ch]">
        <h3 className="text-lg font-semibold">{title}</h3>
        <div className="mt-1.5 grid gap-3 text-base text-soft">{children}</div>
      </div>
    </div>
  </div>
);
