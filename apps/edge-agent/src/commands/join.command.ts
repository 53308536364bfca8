import { JOIN_PATH, type JoinRequest, LIMITS, plainText } from '../../../../libs/edge/src/tunnel.protocol.js';
import { addressOf, nameOf } from '../address.js';
import { Failure, messageOf } from '../failure.js';
import { hostName, hostOs } from '../host.js';
import { fromFile, readSecret } from '../secret.js';
import { type GatewayEntry, publicKeyOf, uuid7 } from '../state.js';
import type { Context } from '../context.js';
import { Place } from '../control.js';
import { runIn } from './run.command.js';

interface JoinOptions {
  server: string;
  gateway: string[];
  gatewayTokenFile: string[];
  tokenFile?: string;
}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_CHARS = 65_536;

/** Redeems a join token, keeps what came of it, and goes on as `run`. Everything that can fail does so before the token is spent. */
export async function join(context: Context, options: JoinOptions): Promise<number> {
  const server = addressOf(options.server, '--server');
  const gateways = gatewaysOf(options);
  context.state.prepare();
  const place = await Place.take(context.state.place);
  try {
    await redeemed(context, options, server, gateways);
    return await runIn(place, context);
  } finally {
    await place.release();
  }
}

async function redeemed(context: Context, options: JoinOptions, server: string, gateways: GatewayEntry[]): Promise<void> {
  const { state, terminal, version } = context;
  if (state.isJoined())
    throw new Failure(
      'agent.joined-already',
      `${state.path} holds the agent ${state.identity().agent_id} already`,
      'run it: edge-agent run; or give the new one a directory of its own by --state',
    );
  const tokens = tokensOf(options, gateways);
  const token = await readSecret(terminal, 'join token', options.tokenFile ?? (terminal.env['CB_JOIN_TOKEN_FILE'] || undefined));
  const key = state.makeKey();
  const { agent_id, instance_key } = await redeem(server, {
    token,
    public_key: publicKeyOf(key),
    hostname: hostName(),
    version,
    os: hostOs(),
    address: server,
  });
  state.keepTokens(tokens);
  if (instance_key !== null) state.pinKey({ public_key: instance_key, pinned_at: new Date().toISOString() });
  state.join({ version: 1, agent_id, instance_uid: uuid7(Date.now()), server, gateways });
  context.say(`Joined ${server} as ${agent_id}; its state is in ${state.path}.`);
}

function gatewaysOf({ gateway }: JoinOptions): GatewayEntry[] {
  const gateways = gateway.map((text) => addressOf(text, '--gateway')).map((url) => ({ name: nameOf(url), url }));
  if (new Set(gateways.map(({ name }) => name)).size < gateways.length)
    throw new Failure('agent.usage', 'A gateway is named twice', 'name each once');
  if (gateways.length > LIMITS.gateways)
    throw new Failure(
      'agent.usage',
      `These are ${gateways.length} gateways, and an agent watches ${LIMITS.gateways} at most`,
      'divide them among several agents, each with a directory of its own: --state',
    );
  const long = gateways.find(({ name }) => name.length > LIMITS.gatewayNameChars);
  if (long !== undefined)
    throw new Failure(
      'agent.usage',
      `The gateway ${long.name.slice(0, 32)}... has host and path of more than ${LIMITS.gatewayNameChars} characters, too many for its name`,
      'give it a shorter address: another name of its host, or a proxy on this machine without that path',
    );
  return gateways;
}

function tokensOf({ gatewayTokenFile: files }: JoinOptions, gateways: readonly GatewayEntry[]): Record<string, string> {
  if (files.length > gateways.length)
    throw new Failure(
      'agent.usage',
      'There are more token files than gateways',
      'the first --gateway-token-file is for the first --gateway, and so on',
    );
  return Object.fromEntries(files.map((file, at) => [gateways[at]!.name, fromFile(file, 'token of the gateway').trim()]));
}

interface Redeemed {
  readonly agent_id: string;
  /** null: the server is of an older release. */
  readonly instance_key: string | null;
}

async function redeem(server: string, request: JoinRequest): Promise<Redeemed> {
  const { status, body } = await post(`${server}${JOIN_PATH}`, request, server);
  const { agent_id, instance_key, code, detail, next } = (body ?? {}) as Record<
    'agent_id' | 'instance_key' | 'code' | 'detail' | 'next',
    unknown
  >;
  if (status === 201 && typeof agent_id === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(agent_id))
    return { agent_id, instance_key: typeof instance_key === 'string' && /^[A-Za-z0-9_-]{43}$/.test(instance_key) ? instance_key : null };
  if ((typeof code !== 'string' || code.startsWith('http.')) && (await isApi(server)))
    throw new Failure(
      'agent.wrong-port',
      `${server} is the API of a ClawButler instance, and agents join at its public address`,
      'use the address that `ap infrastructure edge enroll` prints there: PUBLIC_URL, or port 4601 unless PUBLIC_PORT says another',
    );
  if (typeof detail === 'string' && status >= 400)
    throw new Failure(
      'agent.join-refused',
      plain(detail),
      typeof next === 'string' ? plain(next) : 'make another join token there, and try again',
    );
  throw new Failure(
    'agent.not-an-answer',
    `${server} does not answer a join as this system does (${status})`,
    'see that --server is the public address of a ClawButler instance',
  );
}

/** The port of the API is near the public one, and knows no join. Its `/readyz` says what no other does. */
async function isApi(server: string): Promise<boolean> {
  const { event_loop_ms } = ((await readyz(server)) ?? {}) as { event_loop_ms?: unknown };
  return event_loop_ms !== undefined;
}

async function post(url: string, request: JoinRequest, server: string): Promise<{ status: number; body: unknown }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return { status: response.status, body: text.length <= MAX_ANSWER_CHARS ? parsed(text) : null };
  } catch (error) {
    const why = error instanceof TypeError && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
    throw new Failure(
      'agent.unreachable',
      `${server} cannot be reached: ${why}`,
      'see that it runs and can be reached from here; the token is still good if it was',
    );
  }
}

async function readyz(server: string): Promise<unknown> {
  try {
    const response = await fetch(`${server}/readyz`, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    return text.length <= MAX_ANSWER_CHARS ? parsed(text) : null;
  } catch {
    return null;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Words of a server, for a terminal. */
const plain = (text: string): string => plainText(text.replaceAll(/\p{Cc}+/gu, ' '), DETAIL_LENGTH).replace(/\.$/, '');
const DETAIL_LENGTH = 512;
