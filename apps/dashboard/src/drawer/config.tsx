import type { Component, EdgeAgent, Peer } from '../contract.js';
import type { Row } from '../logic/rows.js';
import { Button, CopyButton } from '../parts/button.js';
import { useMay } from '../page/access.js';
import { askFor } from '../page/asking.js';
import { Code, Fact, Facts, When } from './facts.js';

/** How it was set up. Secrets are write-only: a fingerprint tells whether both sides hold the same. */
export const Config = ({ row }: { row: Row }) =>
  row.peer !== null ? (
    <PeerConfig peer={row.peer} />
  ) : row.agent !== null ? (
    <AgentConfig agent={row.agent} />
  ) : (
    <ComponentConfig component={row.component!} />
  );

const PeerConfig = ({ peer }: { peer: Peer }) => {
  const operator = useMay('operator');
  return (
    <div className="grid grid-cols-1 gap-5">
      <Facts>
        <Fact name="Label">{peer.label}</Fact>
        <Fact name="Remote peer id">
          <Code>{peer.remote_peer_id}</Code>
        </Fact>
        <Fact name="URL">
          <Code>{peer.url}</Code>
        </Fact>
        <Fact name="Secret">
          <Code>{peer.secret_fingerprint}</Code>
          <span className="block text-xs text-faint">Fingerprint. The same on both sides when both hold the same secret.</span>
        </Fact>
        <Fact name="Instance key">
          {peer.key_fingerprint === null ? (
            <span className="text-faint">Not audited: the peer has shown no key yet, or is of an older release.</span>
          ) : (
            <>
              <Code>{peer.key_fingerprint}</Code>
              <span className="block text-xs text-faint">
                Fingerprint, pinned since {peer.key_pinned_at !== null && <When at={peer.key_pinned_at} />}
              </span>
            </>
          )}
        </Fact>
        <Fact name="Peer id">
          <Code>{peer.peer_id}</Code>
        </Fact>
        <Fact name="Registered by">
          <Code>{peer.registered_by}</Code>
        </Fact>
      </Facts>
      <div className="flex flex-wrap gap-2">
        {operator && <Button onClick={() => askFor({ kind: 'edit', peer })}>Edit label…</Button>}
        <CopyButton text={peer.remote_peer_id} label="Copy remote id" />
      </div>
    </div>
  );
};

const AgentConfig = ({ agent }: { agent: EdgeAgent }) => {
  const admin = useMay('admin');
  return (
    <div className="grid grid-cols-1 gap-5">
      <Facts>
        <Fact name="Label">{agent.label || null}</Fact>
        <Fact name="Hostname">{agent.hostname}</Fact>
        <Fact name="System">{agent.os}</Fact>
        <Fact name="Version">{agent.version}</Fact>
        <Fact name="Key">
          <Code>{agent.key_fingerprint}</Code>
          <span className="block text-xs text-faint">Fingerprint. The agent made the key itself, and it never leaves its host.</span>
        </Fact>
        <Fact name="Enrolled">
          <When at={agent.enrolled_at} />
        </Fact>
        <Fact name="Enrolled by">
          <Code>{agent.enrolled_by}</Code>
        </Fact>
        <Fact name="Join token">
          <Code>{agent.join_token_id}</Code>
        </Fact>
        <Fact name="Ephemeral">{agent.ephemeral ? 'Yes: made to come and go' : 'No'}</Fact>
        <Fact name="Agent id">
          <Code>{agent.agent_id}</Code>
        </Fact>
      </Facts>
      <div className="flex flex-wrap gap-2">
        <CopyButton text={agent.agent_id} label="Copy agent id" />
        {admin && agent.lifecycle !== 'revoked' && <Button onClick={() => askFor({ kind: 'revoke', agent })}>Revoke…</Button>}
      </div>
    </div>
  );
};

const ComponentConfig = ({ component }: { component: Component }) => (
  <Facts>
    <Fact name="Component">
      <Code>{component.component_id}</Code>
    </Fact>
    <Fact name="Kind">{component.kind}</Fact>
    <Fact name="Target">{component.target !== null && <Code>{component.target}</Code>}</Fact>
    <Fact name="Version">{component.version}</Fact>
    {component.capability !== null && (
      <Fact name="Read by">
        {component.capability}
        <span className="block text-xs text-faint">Without credentials: state, version and latency.</span>
      </Fact>
    )}
    <Fact name="Critical">{component.critical ? 'Yes: the instance does not work without it' : 'No'}</Fact>
  </Facts>
);
