import { Controller, Get, Injectable, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { InstanceIdentity } from '@app/event-store';
import { agentDirectory, countAgents, troubledAgents } from '@app/edge';
import { InstanceKeys, countPeers, peerDirectory, troubledPeers } from '@app/federation';
import { ProblemException } from '@app/http';
import { type Instant, Position } from '@app/kernel';
import { type Answer, ReadModels } from '@app/read-store';
import { LiveOverlay, componentDirectory, listComponents } from '@app/services';
import { overviewOf } from './overview.js';
import { type Overview, OverviewAnswer, OverviewQuery } from './overview.view.js';

/** Peers, edge agents and components, each read at its own position, as one answer. */
@Injectable()
export class OverviewReader {
  constructor(
    private readonly reads: ReadModels,
    private readonly live: LiveOverlay,
    private readonly identity: InstanceIdentity,
    private readonly keys: InstanceKeys,
  ) {}

  async read(query: OverviewQuery): Promise<Answer<Overview>> {
    const now = new Date().toISOString() as Instant;
    const asked = { ...query, overview: true };
    const sections = await Promise.all([
      built(this.reads.answer(peerDirectory, asked, async (db) => ({ counts: await countPeers(db), troubled: await troubledPeers(db) }))),
      built(
        this.reads.answer(agentDirectory, asked, async (db) => ({ counts: await countAgents(db), troubled: await troubledAgents(db) })),
      ),
      built(this.reads.answer(componentDirectory, asked, (db) => listComponents(db, now))),
    ]);
    const [peers, agents, components] = sections;
    const all = sections.filter((section) => 'data' in section);
    const unbuilt = sections.filter((section) => 'problem' in section);
    if (all.length === 0 && unbuilt[0] !== undefined) throw unbuilt[0];
    const data = overviewOf({
      instanceId: this.identity.instance_id,
      now,
      peers: 'data' in peers ? peers.data.counts : null,
      troubledPeers: 'data' in peers ? peers.data.troubled : [],
      agents: 'data' in agents ? agents.data.counts : null,
      troubledAgents: 'data' in agents ? agents.data.troubled : [],
      components: 'data' in components ? this.live.over(components.data) : null,
    });
    const told = [
      ...keyWarnings(this.keys),
      ...all.flatMap((one) => one.warnings),
      ...unbuilt.map(({ problem }) => ({ code: problem.code, detail: problem.detail })),
    ];
    const warnings = [...new Map(told.map((warning) => [`${warning.code} ${warning.detail}`, warning])).values()];
    const lags = all.map((one) => one.lag_ms);
    const lag_ms = lags.includes(null) ? null : Math.max(...lags.map(Number));
    return { data, as_of: now, position: lowest(all.map(({ position }) => position)), lag_ms, warnings };
  }
}

/** The loss of the instance key is a matter of the whole instance, and of none of its sections. */
const keyWarnings = ({ state: acceptance }: InstanceKeys): { code: string; detail: string }[] =>
  acceptance !== 'missing' && acceptance !== 'sealed'
    ? []
    : [
        {
          code: 'federation.instance-key-lost',
          detail:
            acceptance === 'missing'
              ? 'The private half of the instance key is lost: peers and edge agents cannot tell this instance from a copy. The doctor says what to do: npm run log -- new-key'
              : 'SECRETS_KEY does not open the private half of the instance key: peers and edge agents cannot tell this instance from a copy. Start with the SECRETS_KEY of before, or on the host: npm run log -- new-key',
        },
      ];

/** A section whose table is being built takes no other section down. Throws what is no matter of one table. */
async function built<T>(answer: Promise<Answer<T>>): Promise<Answer<T> | ProblemException> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ProblemException && UNBUILT.includes(error.problem.code)) return error;
    throw error;
  }
}
const UNBUILT = ['read.rebuilding', 'read.table-differs'];

/** All are folded from facts: what is in all of them is what is in the one that is furthest behind. */
const lowest = (positions: readonly string[]): string => {
  const all = positions.map((position) => Position.parse(position));
  const log = all[0]?.logOf('facts');
  return new Position(
    { facts: Math.min(...all.map((position) => position.of('facts') ?? 0)) },
    log === undefined ? {} : { facts: log },
  ).format();
};

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
