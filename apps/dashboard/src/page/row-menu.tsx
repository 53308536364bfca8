import { DropdownMenu } from 'radix-ui';
import type { ReactNode } from 'react';
import { useArchive, usePeerCommand } from '../api/commands.js';
import { ProblemError } from '../api/http.js';
import { usePingAgent, useTestPeer } from '../api/live-requests.js';
import type { EdgeAgent, Peer } from '../contract.js';
import { writeQuery } from '../logic/address.js';
import { latency } from '../logic/moment.js';
import type { Row } from '../logic/rows.js';
import { capital } from '../logic/words.js';
import { LOGS, subjectOf } from '../logic/timeline.js';
import { IconButton } from '../parts/button.js';
import { copyText } from '../parts/copy.js';
import { notify } from '../parts/notices.js';
import { useMay } from './access.js';
import { askFor } from './asking.js';
import { useGo } from './place.js';

const Item = ({ onSelect, danger = false, children }: { onSelect: () => void; danger?: boolean; children: ReactNode }) => (
  <DropdownMenu.Item
    onSelect={onSelect}
    className={`flex h-8 items-center rounded-md px-2.5 outline-none data-highlighted:bg-hover ${danger ? 'text-down' : 'text-ink'}`}
  >
    {children}
  </DropdownMenu.Item>
);

const Divider = () => <DropdownMenu.Separator className="my-1 h-px bg-line" />;

/** What can be done with a row; open from the start, since somebody asked for it. */
export default function RowMenu({ row }: { row: Row }) {
  const go = useGo();
  const acts = useActs(row);
  const copyLink = async (): Promise<void> => {
    const copied = await copyText(`${location.origin}/infrastructure${writeQuery({ section: row.section, id: row.id })}`);
    notify(copied ? 'Link copied' : 'The browser did not let the page copy; the link is in the address bar once the row is open.', copied);
  };
  return (
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger asChild>
        <IconButton icon="more" look="small" label={`Actions for ${row.name}`} data-tip={undefined} />
      </DropdownMenu.Trigger>
      {/* Inside the page's main part, where those who go by landmarks find it. */}
      <DropdownMenu.Portal container={document.getElementById('content')}>
        <DropdownMenu.Content align="end" sideOffset={4} className="rise z-30 min-w-44 rounded-lg bg-raised p-1 shadow-pop">
          <Item onSelect={() => go({ section: row.section, id: row.id, tab: undefined })}>Open</Item>
          <Item onSelect={() => go({ section: 'events', subject: subjectOf(LOGS[row.section][0], row.id) })}>Show its events</Item>
          <Item onSelect={() => void copyLink()}>Copy link</Item>
          {row.peer !== null && <PeerItems peer={row.peer} acts={acts} />}
          {row.agent !== null && <AgentItems agent={row.agent} acts={acts} />}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

type Acts = ReturnType<typeof useActs>;

/** Kept by the menu itself: its items are gone by the time an answer comes. */
function useActs(row: Row) {
  const command = usePeerCommand();
  const link = useTestPeer(row.id);
  const tunnel = usePingAgent(row.id);
  const archive = useArchive();
  const onError = (error: Error): void =>
    notify(error instanceof ProblemError ? `${error.problem.detail} ${error.problem.next}` : error.message, false);
  return {
    resume: () => command.mutate({ kind: 'resume', peerId: row.id }, { onSuccess: () => notify(`${row.name} resumed`), onError }),
    retry: () => link.mutate('retry', { onSuccess: ({ ok, sentence }) => notify(`${row.name}: ${sentence}`, ok), onError }),
    archive: (what: 'archive' | 'unarchive') =>
      archive.mutate({ agentId: row.id, what }, { onSuccess: () => notify(`${row.name} ${what}d`), onError }),
    ping: () =>
      tunnel.mutate(undefined, {
        onSuccess: ({ ok, rtt_ms: rtt, sentence }) => notify(`${row.name}: ${ok ? `answered in ${latency(rtt)}` : sentence}`, ok),
        onError,
      }),
  };
}

const PeerItems = ({ peer, acts }: { peer: Peer; acts: Acts }) => {
  const operator = useMay('operator');
  const admin = useMay('admin');
  if (!operator) return null;
  return (
    <>
      <Divider />
      {peer.lifecycle !== 'suspended' && <Item onSelect={acts.retry}>Retry now</Item>}
      <Item onSelect={() => askFor({ kind: 'edit', peer })}>Edit label…</Item>
      {peer.lifecycle === 'suspended' ? (
        <Item onSelect={acts.resume}>Resume</Item>
      ) : (
        <Item onSelect={() => askFor({ kind: 'suspend', peer })}>Suspend…</Item>
      )}
      {admin && (
        <>
          <Divider />
          <Item danger onSelect={() => askFor({ kind: 'remove', peer })}>
            Remove…
          </Item>
        </>
      )}
    </>
  );
};

const AgentItems = ({ agent, acts }: { agent: EdgeAgent; acts: Acts }) => {
  const operator = useMay('operator');
  const admin = useMay('admin');
  if (!operator) return null;
  const isRevoked = agent.lifecycle === 'revoked';
  const what = agent.archived_at === null ? 'archive' : 'unarchive';
  return (
    <>
      <Divider />
      {!isRevoked && <Item onSelect={acts.ping}>Ping</Item>}
      <Item onSelect={() => acts.archive(what)}>{capital(what)}</Item>
      {admin && !isRevoked && (
        <>
          <Divider />
          <Item danger onSelect={() => askFor({ kind: 'revoke', agent })}>
            Revoke…
          </Item>
        </>
      )}
    </>
  );
};
