import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../api.js';
import type { EdgeAgent, Enrolment } from '../contract.js';
import type { Context } from '../context.js';
import { Failure, failure } from '../failure.js';
import { instant, span } from '../view/words.js';
import { isOfTheMoment } from './passing.js';
import { live } from './read-back.js';

interface EnrollOptions {
  label?: string;
  hostnamePattern?: string;
  ephemeral?: boolean;
  gateway?: string;
  gatewayTokenFile?: string;
  /** Milliseconds. */
  wait?: number;
}

/** `ap infrastructure edge enroll`: the line that joins is all there is on stdout, so that it may be piped to where it is run. */
export async function enrollAgent(context: Context, { wait, ...options }: EnrollOptions): Promise<void> {
  const { output } = context;
  const { label, hostnamePattern, ephemeral, gateway, gatewayTokenFile } = options;
  const api = await context.api();
  const enrolment = await api.command<Enrolment>('POST', '/edge-agents/enroll', {
    label,
    hostname_pattern: hostnamePattern,
    ephemeral,
    gateway,
    gateway_token_file: gatewayTokenFile,
  });
  const { position, ...data } = enrolment;
  output.data('ap.infra.edge.enroll/v1', { ...live(data), position }, () => [data.command]);
  output.hint(`Run this line beside the gateway. It is shown only now, and joins one agent, until ${instant(data.expires_at)}.`);
  if (gateway === undefined)
    output.hint('It names no gateway: add --gateway <url>, and --gateway-token-file <path> for its cost, to the line.');
  if (wait === undefined) return;
  output.hint('Waiting for the first connection ...');
  const agent = await new Arrival(context, api, data.join_token_id).within(wait);
  output.hint(`${agent.label} has connected${agent.hostname === null ? '' : `, from ${agent.hostname}`}. How it is: ${get(agent)}`);
}

const get = ({ agent_id }: EdgeAgent): string => `ap infrastructure edge get ${agent_id}`;
const POLL_MS = 1000;

/** Looks for the agent that a join token brings, until its tunnel stands. */
class Arrival {
  private agent: EdgeAgent | undefined;

  constructor(
    private readonly context: Context,
    private readonly api: Api,
    private readonly joinTokenId: string,
  ) {}

  async within(waitMs: number): Promise<EdgeAgent> {
    const { interrupted } = this.context.terminal;
    const over = AbortSignal.timeout(waitMs);
    const end = AbortSignal.any([over, interrupted]);
    for (;;) {
      await this.look();
      if (this.agent !== undefined && hasConnected(this.agent)) return this.agent;
      await pause(POLL_MS, undefined, { signal: end }).catch(() => {});
      if (interrupted.aborted) throw failure('cli.interrupted', 'Interrupted while waiting', 'the line stays good; look yourself: ' + LIST);
      if (over.aborted) throw this.inVain(waitMs);
    }
  }

  /** A server that is away for a moment is what one waits through; a no to the question is not. Who interrupts is told by `within`. */
  private async look(): Promise<void> {
    try {
      this.agent = await this.find(this.api.afresh());
    } catch (error) {
      if (!(error instanceof Failure) || !(isOfTheMoment(error) || this.context.terminal.interrupted.aborted)) throw error;
    }
  }

  private async find(api: Api): Promise<EdgeAgent | undefined> {
    if (this.agent !== undefined) return (await api.get<EdgeAgent>(`/edge-agents/${this.agent.agent_id}`)).data;
    const { data } = await api.list<EdgeAgent>('/edge-agents', { join_token_id: this.joinTokenId }, 1);
    return data[0];
  }

  private inVain(waitMs: number): Failure {
    if (this.agent === undefined)
      return failure('cli.waited-in-vain', `No agent has joined within ${span(waitMs)}`, `run the line beside the gateway, then: ${LIST}`);
    const next = `its own words tell why, where it runs; then: ${get(this.agent)}`;
    return failure('cli.waited-in-vain', `${this.agent.label} has joined, and has not connected within ${span(waitMs)}`, next);
  }
}

const LIST = 'ap infrastructure edge list';
const hasConnected = ({ lifecycle, connected_at }: EdgeAgent): boolean => lifecycle === 'active' || connected_at !== null;
