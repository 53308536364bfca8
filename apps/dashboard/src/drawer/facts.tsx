import type { ComponentProps, ReactNode } from 'react';
import type { Instant } from '../contract.js';
import { absolute, isInstant, local } from '../logic/moment.js';
import { Time } from '../parts/clock.js';
import { GoTo } from '../page/place.js';

/** Names and values, one under the other. A null value is not known, and says so. */
export const Facts = ({ children }: { children: ReactNode }) => (
  <dl className="grid grid-cols-[124px_minmax(0,1fr)] gap-x-3 gap-y-2">{children}</dl>
);

/** `condition && value` gives false where there is no value. */
const isNothing = (value: ReactNode): boolean => value === null || value === undefined || value === false || value === '';

export const Fact = ({ name, children }: { name: string; children: ReactNode }) => (
  <>
    <dt className="text-faint">{name}</dt>
    <dd className="min-w-0 break-words">{isNothing(children) ? <span className="text-faint">–</span> : children}</dd>
  </>
);

/** How long ago, and the instant itself: here there is room for both. */
export const When = ({ at, tell = 'ago' }: { at: Instant; tell?: 'ago' | 'ahead' }) => (
  <>
    <Time at={at} tell={tell} />
    {isInstant(at) && (
      <span className="block text-xs text-faint" data-tip={absolute(at)}>
        {local(at)}
      </span>
    )}
  </>
);

export const Code = ({ children }: { children: ReactNode }) => <code className="font-mono text-xs break-all">{children}</code>;

/** The events something is known by, and the way to those like them. Nothing where there are none. */
export const Evidence = ({ positions, to, see }: { positions: readonly string[]; to: ComponentProps<typeof GoTo>['to']; see: string }) =>
  positions.length === 0 ? null : (
    <Fact name="Evidence">
      <Code>{positions.join(' ')}</Code>{' '}
      <GoTo to={to} className="whitespace-nowrap text-accent underline underline-offset-2">
        {see}
      </GoTo>
    </Fact>
  );
