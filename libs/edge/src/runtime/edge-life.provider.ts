import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Questions } from '@app/event-store';
import { Clock, messageOf } from '@app/kernel';
import { AgentRecorder } from './agent-recorder.provider.js';
import { AgentWatch } from './agent-watch.provider.js';
import { Roster } from './roster.provider.js';
import { PING_QUESTION } from '../ping.rpc.js';
import { PingAgent } from '../write/ping-agent/ping-agent.command.js';
import { TunnelHall } from './tunnel-hall.provider.js';

const SWEEP_MS = 1_000;
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
    private readonly roster: Roster,
    private readonly hall: TunnelHall,
    private readonly watch: AgentWatch,
    private readonly recorder: AgentRecorder,
    private readonly questions: Questions,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.stopAnswering = this.questions.answer(PING_QUESTION, PingAgent, ({ agent_id }) => this.hall.ping(agent_id), { sole: false });
    this.learn();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopAnswering();
    this.callOff();
    this.isStopping = true;
    this.tick();
    const late = Promise.withResolvers<void>();
    const callOff = this.clock.after(DRAIN_MS, late.resolve);
    await Promise.race([this.hall.close(), late.promise]);
    callOff();
    this.callOff();
    this.ending.abort();
    this.hall.terminate();
  }

  /** Until it is known who may come, nobody is taken: agents try again. */
  private learn(): void {
    this.roster.follow(this.ending.signal).then(
      () => this.sweep(),
      (error: unknown) => {
        if (this.isStopping) return;
        this.log.error(`the log does not say which agents there are: ${messageOf(error)}`);
        this.callOff = this.clock.after(RETRY_MS, () => this.learn());
      },
    );
  }

  private sweep(): void {
    if (this.isStopping) return;
    if (!this.roster.isReady) return this.tick();
    this.watch.sweep();
    this.recorder.sweep();
    this.hall.tick();
    this.callOff = this.clock.after(SWEEP_MS, () => this.sweep());
  }

  /** What is left of a sweep when nobody is to be judged any more: a socket that does not close still has a deadline. */
  private tick(): void {
    this.hall.tick();
    this.callOff = this.clock.after(SWEEP_MS, () => this.tick());
  }
}
