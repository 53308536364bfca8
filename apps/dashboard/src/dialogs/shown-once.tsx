import { type ReactNode, useRef, useState } from 'react';
import { CopyButton } from '../parts/button.js';

/** Keeps a dialog from closing by accident before what it shows once was taken; the first try is answered by a reminder. */
export function useTaken() {
  const taken = useRef(false);
  const [reminded, setReminded] = useState(false);
  return {
    reminded,
    take: (): void => void (taken.current = true),
    /** Asked before Escape closes it; `needless`: there is nothing to lose any more. */
    mayClose: (needless: boolean): boolean => {
      if (needless || taken.current) return true;
      setReminded(true);
      return false;
    },
  };
}

/** A text that cannot be read again, with its Copy. */
export const ShownOnce = ({ name, text, reminder, onTaken }: { name: string; text: string; reminder: ReactNode; onTaken: () => void }) => (
  <div>
    <h3 className="mb-1 font-medium">{name}</h3>
    <div className="flex items-start gap-2">
      <code
        data-secret=""
        className="min-w-0 flex-1 rounded-md border border-edge bg-paper px-2.5 py-1.5 font-mono text-sm break-all select-all"
      >
        {text}
      </code>
      <CopyButton text={text} onCopied={onTaken} />
    </div>
    {reminder !== null && (
      <p role="alert" className="mt-1 text-xs text-down">
        {reminder}
      </p>
    )}
  </div>
);
