import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Controller, Get, HttpCode, Injectable, type OnModuleDestroy, Res } from '@nestjs/common';
import { ApiOkResponse, ApiProperty, ApiServiceUnavailableResponse } from '@nestjs/swagger';
import { IsArray, IsIn, IsInt, IsString } from 'class-validator';
import { Public } from '@app/http';
import { PlumbingToken } from '../plumbing.token.js';

export class Live {
  @ApiProperty({ enum: ['live'] }) @IsIn(['live']) status: 'live';
}

export class Ready {
  @ApiProperty({ enum: ['ready', 'not_ready'] }) @IsIn(['ready', 'not_ready']) status: 'ready' | 'not_ready';

  /** What does not answer: `nats`, `postgresql`. Empty when ready. */
  @ApiProperty({ type: [String] }) @IsArray() @IsString({ each: true }) failing: string[];

  /** How late timers of this process fire, the 99th percentile since the last time this was asked, milliseconds. */
  @ApiProperty({ type: 'integer' }) @IsInt() event_loop_ms: number;
}

const CHECK_MS = 2_000;

/** What this process can say of itself and of what it stands on. */
@Injectable()
export class Readiness implements OnModuleDestroy {
  private readonly delay = monitorEventLoopDelay({ resolution: 10 });

  constructor(private readonly plumbing: PlumbingToken) {
    this.delay.enable();
  }

  async look(): Promise<Ready> {
    const { store, pool } = this.plumbing.plumbing;
    const checks: [string, () => Promise<unknown>][] = [
      ['nats', () => store.nc.rtt()],
      ['postgresql', () => pool.query('SELECT 1')],
    ];
    const answers = await Promise.all(checks.map(async ([name, check]) => ((await answersInTime(check)) ? [] : [name])));
    const failing = answers.flat();
    const event_loop_ms = Math.max(0, Math.round(this.delay.percentile(99) / 1e6) - 10); // The histogram counts the sampling interval itself.
    this.delay.reset();
    return { status: failing.length === 0 ? 'ready' : 'not_ready', failing, event_loop_ms };
  }

  onModuleDestroy(): void {
    this.delay.disable();
  }
}

async function answersInTime(check: () => Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), CHECK_MS)));
  const answer = check().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** GET /healthz: this process runs. It says nothing of what it stands on, so that nobody restarts it for another's trouble. */
  @Get('healthz')
  @Public()
  @HttpCode(200)
  @ApiOkResponse({ type: Live })
  live(): Live {
    return { status: 'live' };
  }

  /** GET /readyz: 200 when the log and PostgreSQL answer, else 503 with what does not. */
  @Get('readyz')
  @Public()
  @ApiOkResponse({ type: Ready })
  @ApiServiceUnavailableResponse({ type: Ready })
  async ready(@Res({ passthrough: true }) reply: { status(code: number): void }): Promise<Ready> {
    const ready = await this.readiness.look();
    if (ready.failing.length > 0) reply.status(503);
    return ready;
  }
}
