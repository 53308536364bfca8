import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ComponentProps, type MouseEvent, useCallback } from 'react';
import { type Address, addressOf, readQuery, writeQuery } from '../logic/address.js';

/** What of the address changes; undefined takes a part away. */
export type Change = { [Part in keyof Address]?: Address[Part] | undefined };

export const usePlace = (): Address => useSearch({ from: '/infrastructure' });

/** Goes to the same place but for `change`. A `replace` leaves no step for the back button: typing is not travelling. */
export function useGo(): (change: Change, replace?: boolean) => void {
  const navigate = useNavigate({ from: '/infrastructure' });
  return useCallback(
    (change, replace = false) => void navigate({ to: '/infrastructure', search: (here) => moved(here, change), replace }),
    [navigate],
  );
}

/** Another section begins without the filters of the last. */
function moved(here: Address, change: Change): Address {
  const from = change.section === undefined || change.section === here.section ? here : {};
  return addressOf({ ...from, ...change });
}

interface GoToProps extends Omit<ComponentProps<'a'>, 'href'> {
  to: Change & { section: Address['section'] };
  /** It leads to a row of the list that is here: search, filter and fold of the list stay. */
  within?: boolean;
}

/** A link to a place of this page: a real one, to open in a new tab or to send to somebody. */
export const GoTo = ({ to, within = false, onClick, ...rest }: GoToProps) => {
  const go = useGo();
  const kept = useKept(within);
  const there = { ...kept, ...to };
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go({ ...CLEAR, ...there });
  };
  return <a href={`/infrastructure${writeQuery(there)}`} onClick={follow} {...rest} />;
};

/** What an open row leaves as it is. */
const OF_LIST = ['status', 'q', 'view', 'show', 'stream', 'type', 'subject', 'actor'] as const;

/** As text, so that a link renders again only when that changes. */
function useKept(within: boolean): Change {
  const kept = useSearch({ from: '/infrastructure', select: (here: Address) => (within ? writeQuery(listOf(here)) : '') });
  return readQuery(kept) as Change;
}

const listOf = (here: Address): Change => Object.fromEntries(OF_LIST.map((part) => [part, here[part]]));

const CLEAR: Change = {
  status: undefined,
  q: undefined,
  id: undefined,
  tab: undefined,
  view: undefined,
  direction: undefined,
  outcome: undefined,
  call: undefined,
  show: undefined,
  stream: undefined,
  type: undefined,
  subject: undefined,
  actor: undefined,
};
