import type { Api } from '../api.js';
import type { LinkTest } from '../contract.js';
import type { Context } from '../context.js';
import { EXIT, failure } from '../failure.js';
import { details } from '../view/table.js';
import { latency, state, why } from '../view/words.js';
import { findPeer } from './peers.js';
import { live } from './read-back.js';
import { type SecretOptions, secretOf } from './secret.js';

interface Unsaved {
  url: string;
  remotePeerId: string;
}

type TestOptions = Partial<Unsaved> & SecretOptions;

/** `ap infrastructure peers test`: of a peer that is registered, or of one that may become it. Ends with 1 when the link is not good. */
export async function testPeer(context: Context, options: TestOptions, peer: string | undefined): Promise<number> {
  if (peer !== undefined) return testSaved(context, options, peer);
  const { url, remotePeerId } = options;
  if (url === undefined || remotePeerId === undefined)
    throw failure(
      'cli.usage',
      'It is not said what to test',
      'name a registered peer, or give --url, --remote-peer-id and the secret of one that is not',
    );
  const api = await context.api();
  const test = await tryUnsaved(api, { url, remotePeerId }, await secretOf(context, options));
  return show(context, 'ap.infra.peers.test/v1', test, {});
}

async function testSaved(context: Context, options: TestOptions, peer: string): Promise<number> {
  if (Object.keys(options).some((name) => UNSAVED.includes(name)))
    throw failure(
      'cli.usage',
      'A registered peer is tested with its own address and secret',
      'name the peer alone, or leave it out; --url of the API stands before the command',
    );
  return tryNow(context, 'test', peer);
}

const UNSAVED: readonly string[] = ['url', 'remotePeerId', 'secretFile', 'secretStdin'] satisfies (keyof TestOptions)[];

/** `ap infrastructure peers retry`: at once, and the waiting between tries begins anew. */
export const retryPeer = (context: Context, _options: object, peer: string): Promise<number> => tryNow(context, 'retry', peer);

async function tryNow(context: Context, what: 'test' | 'retry', peer: string): Promise<number> {
  const api = await context.api();
  const { peer_id } = (await findPeer(api, peer)).data;
  const test = await api.ask<LinkTest>(`/peers/${peer_id}/${what}`);
  return show(context, `ap.infra.peers.${what}/v1`, test, { peer_id });
}

/** Throws `Failure` where a peer could not be reached, or would not know us, with what is about to be saved. */
export async function requireGoodLink(api: Api, peer: Unsaved, secret: string | undefined): Promise<void> {
  const { ok, reason, sentence, rtt_ms } = await tryUnsaved(api, peer, secret);
  if (!ok) throw failure('cli.link-not-good', `Nothing was saved: ${sentence}`, nextOf(reason), { reason, rtt_ms });
}

function tryUnsaved(api: Api, { url, remotePeerId }: Unsaved, secret: string | undefined): Promise<LinkTest> {
  if (secret === undefined)
    throw failure(
      'cli.usage',
      'A test needs the secret that the other side has for this instance',
      'give it by --secret-file or --secret-stdin; one that is still to be made can be tested once both sides have it',
    );
  return api.ask('/peers/test', { url, remote_peer_id: remotePeerId, outbound_secret: secret });
}

function show({ output }: Context, schema: string, test: LinkTest, of: { peer_id?: string }): number {
  output.data(schema, live({ ...of, ...test }), (canvas) =>
    details(
      [
        ['link', test.ok ? state('good', 'up') : state('not good', 'down')],
        ['why', test.reason === null ? test.sentence : why(test.reason, test.sentence)],
        ['round trip', latency(test.rtt_ms)],
      ],
      canvas,
    ),
  );
  if (test.ok) return EXIT.answered;
  output.hint(`next: ${nextOf(test.reason)}`);
  return EXIT.failed;
}

const SAME_SECRET =
  'see that the other side has registered this instance, with the same secret: the fingerprints of both sides are then the same';
const THAT_IT_RUNS = 'see that the other side runs, and that its public address is the one given here';
const SAME_PROTOCOL = 'bring both sides to versions that speak the same protocol';
const NEXT: Partial<Record<string, string>> = {
  auth_rejected: SAME_SECRET,
  signature_invalid: SAME_SECRET,
  one_way: SAME_SECRET,
  connect_refused: THAT_IT_RUNS,
  host_unreachable: 'see that the host is up, and that no firewall or router on the way turns packets away',
  network_unreachable: 'give this machine a route to that network, or use an address that it can reach',
  address_unavailable: 'see that this machine has a network address, and free ports to connect from',
  outbound_denied: 'see where the name leads, and what FEDERATION_ALLOW_CIDRS allows',
  address_mismatch: 'register the address that the other side names as its own, or add the one used to PUBLIC_URL_ALIASES there',
  peer_id_mismatch: 'compare remote_peer_id with the instance id of the other side, remove the peer and register it again',
  own_address: 'register the address of the other side: this one is the address of this instance',
  dns_failure: THAT_IT_RUNS,
  heartbeat_timeout: THAT_IT_RUNS,
  tls_failure: 'see that the certificate of the other side is valid for that name, and trusted here',
  clock_skew: 'set the clock that is wrong; both sides may differ by 300 s at most',
  protocol_mismatch: SAME_PROTOCOL,
  version_unsupported: SAME_PROTOCOL,
};

/** What helps against a reason, as far as this side can tell. */
const nextOf = (reason: string | null): string => NEXT[reason ?? ''] ?? 'try again; if it stays, the logs of both sides have the cause';
