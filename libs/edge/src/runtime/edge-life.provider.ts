import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { RequestReply } from '@app/event-store';
import { Clock, messageOf } from '@app/kernel';
import { AgentRecorder } from './agent-recorder.provider.js';
import { AgentWatch } from './agent-watch.provider.js';
import { AgentRegistry } from './agent-registry.provider.js';
import { PING_REQUEST } from '../ping.rpc.js';
import { PingAgent } from '../write/ping-agent/ping-agent.command.js';
import { TunnelManager } from './tunnel-manager.provider.js';

const EVALUATE_EVERY_MS = 1_000;
/** So long what is under way at the end may take. */
const DRAIN_MS = 8_000;
const RETRY_MS = 2_000;

/** From when the process is ready until it ends: learns who there is, then takes tunnels, and judges every second. */
@Injectable()
export class EdgeLife implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly log = new Logger('edge');
  private readonly ending = new AbortController();
  private isStopping = false;
  private stopAnswering: () => void = () => undefined;
  private callOff: () => void = () => undefined;

  constructor(
    private readonly registry: AgentRegistry,
    private readonly tunnels: TunnelManager,
    private readonly watch: AgentWatch,
    private readonly recorder: AgentRecorder,
    private readonly rpc: RequestReply,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.stopAnswering = this.rpc.answer(PING_REQUEST, PingAgent, ({ agent_id }) => this.tunnels.ping(agent_id), { sole: false });
    this.learn();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopAnswering();
    this.callOff();
    this.isStopping = true;
    this.tick();
    const late = Promise.withResolvers<void>();
    const callOff = this.clock.after(DRAIN_MS, late.resolve);
    await Promise.race([this.tunnels.close(), late.promise]);
    callOff();
    this.callOff();
    this.ending.abort();
    this.tunnels.terminate();
  }

  /** Until it is known who may come, nobody is taken: agents try again. */
  private learn(): void {
    this.registry.consume(this.ending.signal).then(
      () => this.everySecond(),
      (error: unknown) => {
        if (this.isStopping) return;
        this.log.error(`the log does not say which agents there are: ${messageOf(error)}`);
        this.callOff = this.clock.after(RETRY_MS, () => this.learn());
      },
    );
  }

  private everySecond(): void {
    if (this.isStopping) return;
    if (!this.registry.isReady) return this.tick();
    this.watch.evaluateAll();
    this.recorder.writeDue();
    this.tunnels.tick();
    this.callOff = this.clock.after(EVALUATE_EVERY_MS, () => this.everySecond());
  }

  /** What is left of a job when nobody is to be judged any more: a socket that does not close still has a deadline. */
  private tick(): void {
    this.tunnels.tick();
    this.callOff = this.clock.after(EVALUATE_EVERY_MS, () => this.tick());
  }
}
