import { useMemo } from 'react';
import { type TokenKind, tokensOf } from '../logic/json-tokens.js';

const INK: Record<TokenKind, string> = {
  key: 'text-accent',
  string: 'text-ink',
  number: 'text-up',
  word: 'text-degraded',
  plain: 'text-faint',
};

/** A region of its own, since it may have to be scrolled by keyboard. */
export const Json = ({ value }: { value: unknown }) => {
  const tokens = useMemo(() => tokensOf(value), [value]);
  return (
    <pre tabIndex={0} role="region" aria-label="JSON" className="overflow-x-auto font-mono text-xs leading-[18px]">
      {tokens.map(({ kind, text }, index) => (
        <span key={index} className={INK[kind]}>
          {text}
        </span>
      ))}
    </pre>
  );
};
