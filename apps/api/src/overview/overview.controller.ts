import { Controller, Get, Injectable, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { InstanceIdentity } from '@app/event-store';
import { countPeers, peerDirectory, troubledPeers } from '@app/federation';
import { type Instant, Position } from '@app/kernel';
import { type Answer, ReadModels } from '@app/read-store';
import { LiveOverlay, componentDirectory, listComponents } from '@app/services';
import { overviewOf } from './overview.js';
import { type Overview, OverviewAnswer, OverviewQuery } from './overview.view.js';

/** Peers and components, each read at its own position, as one answer. */
@Injectable()
export class OverviewReader {
  constructor(
    private readonly reads: ReadModels,
    private readonly live: LiveOverlay,
    private readonly identity: InstanceIdentity,
  ) {}

  async read(query: OverviewQuery): Promise<Answer<Overview>> {
    const now = new Date().toISOString() as Instant;
    const asked = { ...query, overview: true };
    const [peers, components] = await Promise.all([
      this.reads.answer(peerDirectory, asked, async (db) => ({ counts: await countPeers(db), troubled: await troubledPeers(db) })),
      this.reads.answer(componentDirectory, asked, (db) => listComponents(db, now)),
    ]);
    const data = overviewOf({
      instanceId: this.identity.instance_id,
      now,
      peers: peers.data.counts,
      troubledPeers: peers.data.troubled,
      components: this.live.over(components.data),
    });
    const warnings = [...new Map([...peers.warnings, ...components.warnings].map((warning) => [warning.code, warning])).values()];
    const lags = [peers.lag_ms, components.lag_ms];
    const lag_ms = lags.includes(null) ? null : Math.max(...lags.map(Number));
    return { data, as_of: now, position: lower(peers.position, components.position), lag_ms, warnings };
  }
}

/** Both are folded from facts: what is in both is what is in the one that is behind. */
const lower = (...positions: string[]): string =>
  new Position({ facts: Math.min(...positions.map((position) => Position.parse(position).of('facts') ?? 0)) }).format();

@Controller('overview')
export class OverviewController {
  constructor(private readonly overview: OverviewReader) {}

  /** GET /api/v1/infrastructure/overview: is everything well, and if not, what is wrong since when, and why. */
  @Get()
  @ApiOperation({ operationId: 'overview', summary: 'The verdict, and every problem' })
  @ApiOkResponse({ type: OverviewAnswer })
  read(@Query() query: OverviewQuery): Promise<OverviewAnswer> {
    return this.overview.read(query);
  }
}
