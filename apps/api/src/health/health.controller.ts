import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Controller, Get, HttpCode, Injectable, type OnApplicationBootstrap, type OnModuleDestroy, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiServiceUnavailableResponse } from '@nestjs/swagger';
import { IsArray, IsIn, IsInt, IsString } from 'class-validator';
import { Public } from '@app/http';
import { wasDatabaseFull } from '@app/read-store';
import { PlumbingToken } from '../plumbing.token.js';

export class Live {
  @ApiProperty({ enum: ['live'] }) @IsIn(['live']) status: 'live';
}

export class Ready {
  @ApiProperty({ enum: ['ready', 'not_ready'] }) @IsIn(['ready', 'not_ready']) status: 'ready' | 'not_ready';

  /** What does not answer, `nats`, `postgresql`; what has no room, `nats-disk-full`, `postgresql-disk-full`. Empty when ready. */
  @ApiProperty({ type: [String] }) @IsArray() @IsString({ each: true }) failing: string[];

  /** How late timers of this process fire, the 99th percentile since the last time this was asked, milliseconds. */
  @ApiProperty({ type: 'integer' }) @IsInt() event_loop_ms: number;
}

const CHECK_MS = 2_000;
const BETWEEN_MS = 1_000;

/**
 * What this process can say of itself and of what it stands on. It looks by itself and not when it is asked: who asks is told at
 * once, and what a dependency takes does not count as this process' own time.
 */
@Injectable()
export class Readiness implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly delay = monitorEventLoopDelay({ resolution: 10 });
  private failing: string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private over = false;

  constructor(private readonly plumbing: PlumbingToken) {
    this.delay.enable();
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.look();
    this.next();
  }

  async onModuleDestroy(): Promise<void> {
    this.over = true;
    clearTimeout(this.timer);
    await this.looking;
    this.delay.disable();
  }

  ready(): Ready {
    const event_loop_ms = Math.max(0, Math.round(this.delay.percentile(99) / 1e6) - 10); // The histogram counts the sampling interval itself.
    this.delay.reset();
    return { status: this.failing.length === 0 ? 'ready' : 'not_ready', failing: this.failing, event_loop_ms };
  }

  private next(): void {
    if (this.over) return;
    this.timer = setTimeout(() => {
      this.looking = this.look().then(() => this.next());
    }, BETWEEN_MS);
  }

  private async look(): Promise<void> {
    const { store, pool } = this.plumbing.plumbing;
    const failing = await Promise.all([
      inTime(() => store.failing(), 'nats'),
      inTime(async () => {
        await pool.query('SELECT 1');
        return wasDatabaseFull() ? 'postgresql-disk-full' : null;
      }, 'postgresql'),
    ]);
    this.failing = failing.filter((word) => word !== null);
  }
}

/** What `check` says; `silent`, when it says nothing in time or fails. */
async function inTime(check: () => Promise<string | null>, silent: string): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => (timer = setTimeout(() => resolve(silent), CHECK_MS)));
  try {
    return await Promise.race([check().catch(() => silent), late]);
  } finally {
    clearTimeout(timer);
  }
}

@Controller()
export class HealthController {
  constructor(private readonly readiness: Readiness) {}

  /** GET /healthz: this process runs. It says nothing of what it stands on, so that nobody restarts it for another's trouble. */
  @Get('healthz')
  @ApiOperation({ operationId: 'isLive' })
  @Public()
  @HttpCode(200)
  @ApiOkResponse({ type: Live })
  live(): Live {
    return { status: 'live' };
  }

  /** GET /readyz: 200 when the log takes facts and PostgreSQL answers, else 503 with what does not. */
  @Get('readyz')
  @ApiOperation({ operationId: 'isReady' })
  @Public()
  @ApiOkResponse({ type: Ready })
  @ApiServiceUnavailableResponse({ type: Ready })
  ready(@Res({ passthrough: true }) reply: { status(code: number): void }): Ready {
    const ready = this.readiness.ready();
    if (ready.failing.length > 0) reply.status(503);
    return ready;
  }
}
