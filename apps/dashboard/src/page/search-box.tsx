import { useEffect, useRef, useState } from 'react';
import { Icon } from '../parts/icon.js';
import { useGo, usePlace } from './place.js';

/** Filters as one types, and holds the words in the URL. */
export const SearchBox = ({ placeholder }: { placeholder: string }) => {
  const { q = '' } = usePlace();
  const go = useGo();
  const [text, setText] = useState(q);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    // The URL follows what is typed, a step behind; what is being typed is not taken back by it.
    if (document.activeElement !== input.current) setText(q);
  }, [q]);
  const change = (next: string): void => {
    setText(next);
    go({ q: next.trim() === '' ? undefined : next.trim() }, true);
  };
  return (
    <label className="relative order-last w-full sm:order-none sm:w-64">
      <span className="sr-only">{placeholder}</span>
      <Icon name="search" className="pointer-events-none absolute top-2 left-2.5 text-faint" />
      <input
        ref={input}
        data-search=""
        type="search"
        value={text}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => change(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && text !== '' && change('')}
        className="h-8 w-full rounded-md border border-edge bg-card pr-7 pl-8 [&::-webkit-search-cancel-button]:hidden"
      />
      <kbd
        aria-hidden="true"
        className="pointer-events-none absolute top-1.5 right-2 hidden rounded border border-line px-1 text-2xs text-faint sm:block"
      >
        /
      </kbd>
    </label>
  );
};
