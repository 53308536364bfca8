import { type DynamicModule, Module } from '@nestjs/common';
import { AccessOptions, access } from '@app/access';
import {
  type ApiConfig,
  type FederationConfig,
  type OutboundSurroundings,
  type PublicSettings,
  SecretBox,
  outboundRules,
} from '@app/config';
import { edge } from '@app/edge';
import { LogInspector, LogMarks, RequestReply } from '@app/event-store';
import { FederationOptions, InstanceKeys, federation } from '@app/federation';
import { PublicOptions } from '@app/http';
import { Disks, Guards, KeyLook, StrangersSource, log } from '@app/log';
import { type Plumbing, foldsOf, given, machinesOf } from '@app/process';
import { DatabaseInspector, PgLogMarks, Projections } from '@app/read-store';
import { CONTEXTS } from '@app/contexts';
import { type LiveObserver, LiveOverlay, services } from '@app/services';
import { EventsController } from './events/events.controller.js';
import { HealthController, Readiness } from './health/health.controller.js';
import { LiveController } from './live/live.controller.js';
import { LiveFeed } from './live/live-feed.js';
import { LiveWatch } from './live/live-watch.js';
import { sections } from './live/sections.js';
import { OverviewController, OverviewReader } from './overview/overview.controller.js';
import { ApiDescription, OpenApiController } from './openapi.controller.js';
import { PlumbingToken } from './plumbing.token.js';
import { RefusedStrangers } from './refused-strangers.js';
import { JobScheduler } from './job-scheduler.js';

/** What the start decides for this process. */
export interface ApiSettings {
  /** 32 bytes. */
  readonly secretsKey: Uint8Array;
  readonly federation: FederationOptions;
  readonly access: AccessOptions;
  /** Where edge agents are answered. */
  readonly public: PublicOptions;
  /** Absent: this process sees no disk of a server. */
  readonly disks?: Disks;
}

const NO_DISKS: Disks = { spaces: async () => [] };

export const settingsFrom = (
  config: ApiConfig & FederationConfig,
  { publicUrl, aliases }: Pick<PublicSettings, 'publicUrl' | 'aliases'>,
  secretsKey: Uint8Array,
  surroundings: OutboundSurroundings,
): ApiSettings => ({
  secretsKey,
  federation: outboundRules(config, surroundings),
  public: { publicUrl, aliases },
  access: { secureCookie: config.API_URL?.startsWith('https:') ?? false },
});

/** What the process sees itself of what every answer stands on. */
export type LiveSight = Pick<LiveObserver, 'over' | 'start' | 'stop' | 'onChange'>;

/** The API: the contexts' commands and queries over HTTP, the log to browse, and the page's live feed. */
@Module({})
export class ApiModule {
  static with(plumbing: Plumbing, settings: ApiSettings, live: LiveSight): DynamicModule {
    return {
      module: ApiModule,
      controllers: [
        HealthController,
        OverviewController,
        EventsController,
        LiveController,
        OpenApiController,
        ...access.controllers,
        ...federation.controllers,
        ...edge.controllers,
        ...services.controllers,
        ...log.controllers,
      ],
      providers: [
        given(PlumbingToken, { plumbing }),
        ...machinesOf(plumbing, plumbing.store.commandsOfRequests(settings.secretsKey)),
        given(SecretBox, new SecretBox(settings.secretsKey)),
        given(FederationOptions, settings.federation),
        given(AccessOptions, settings.access),
        given(PublicOptions, settings.public),
        given(LogInspector, new LogInspector(plumbing.store, plumbing.sizes)),
        given(LogMarks, new PgLogMarks(plumbing.pool)),
        given(DatabaseInspector, new DatabaseInspector(plumbing.pool, plumbing.privateStore, foldsOf(CONTEXTS))),
        given(Disks, settings.disks ?? NO_DISKS),
        { provide: StrangersSource, inject: [RequestReply], useFactory: (rpc: RequestReply) => new RefusedStrangers(rpc) },
        {
          provide: KeyLook,
          inject: [InstanceKeys],
          useFactory: (keys: InstanceKeys): KeyLook => ({
            look: async () => ({ state: await keys.look(), fingerprint: keys.fingerprint }),
          }),
        },
        given(Guards, { all: CONTEXTS.flatMap(({ guards, holds = [] }) => guards ?? holds) }),
        given(Projections, new Projections(foldsOf(CONTEXTS), plumbing.pool, plumbing.store)),
        given(LiveOverlay, live),
        { provide: LiveWatch, inject: [LiveFeed], useFactory: (subscription: LiveFeed) => new LiveWatch(live, subscription) },
        ...access.providers,
        ...federation.providers,
        ...federation.instanceKeyProviders,
        ...edge.providers,
        ...log.providers,
        ApiDescription,
        Readiness,
        OverviewReader,
        {
          provide: LiveFeed,
          inject: [OverviewReader],
          useFactory: (overview: OverviewReader) =>
            new LiveFeed(plumbing.progress, plumbing.reads, sections(live), async () => (await overview.read({})).data),
        },
        {
          provide: JobScheduler,
          inject: [...access.jobs, ...federation.jobs, ...edge.jobs],
          useFactory: (...jobs: ConstructorParameters<typeof JobScheduler>[0][number][]) => new JobScheduler(jobs, plumbing.store.gate),
        },
      ],
    };
  }
}
