import { type DynamicModule, Module } from '@nestjs/common';
import { AccessOptions, access } from '@app/access';
import { type ApiConfig, type FederationConfig, type PublicSettings, SecretBox, outboundRules } from '@app/config';
import { agentDirectory, agentLatest, edge, getAgent } from '@app/edge';
import { FederationOptions, federation, getPeer, peerCalls, peerDirectory, peerLatest } from '@app/federation';
import { PublicOptions } from '@app/http';
import type { Instant } from '@app/kernel';
import { type Plumbing, given, machinesOf } from '@app/process';
import { type LiveObserver, LiveOverlay, componentDirectory, componentLatest, getComponent, services } from '@app/services';
import { EventsController } from './events/events.controller.js';
import { HealthController, Readiness } from './health/health.controller.js';
import { LiveController } from './live/live.controller.js';
import { LiveFeed, type LiveSection } from './live/live-feed.js';
import { LiveWatch } from './live/live-watch.js';
import { OverviewController, OverviewReader } from './overview/overview.controller.js';
import { ApiDescription, OpenApiController } from './openapi.controller.js';
import { PlumbingToken } from './plumbing.token.js';
import { Sweeper } from './sweeper.js';

/** What the start decides for this process. */
export interface ApiSettings {
  /** 32 bytes. */
  readonly secretsKey: Uint8Array;
  readonly federation: FederationOptions;
  readonly access: AccessOptions;
  /** Where edge agents are answered. */
  readonly public: PublicOptions;
}

export const settingsFrom = (
  config: ApiConfig & FederationConfig,
  { publicUrl }: Pick<PublicSettings, 'publicUrl'>,
  secretsKey: Uint8Array,
): ApiSettings => ({
  secretsKey,
  federation: outboundRules(config),
  public: { publicUrl },
  access: { secureCookie: config.API_URL?.startsWith('https:') ?? false },
});

/** What the process sees itself of what every answer stands on. */
export type LiveSight = Pick<LiveObserver, 'over' | 'start' | 'stop' | 'onChange'>;

/** The API: the rooms' commands and queries over HTTP, the log to browse, and the page's live feed. */
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
      ],
      providers: [
        given(PlumbingToken, { plumbing }),
        ...machinesOf(plumbing),
        given(SecretBox, new SecretBox(settings.secretsKey)),
        given(FederationOptions, settings.federation),
        given(AccessOptions, settings.access),
        given(PublicOptions, settings.public),
        given(LiveOverlay, live),
        { provide: LiveWatch, inject: [LiveFeed], useFactory: (feed: LiveFeed) => new LiveWatch(live, feed) },
        ...access.providers,
        ...federation.providers,
        ...edge.providers,
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
          provide: Sweeper,
          inject: [...access.sweeps, ...federation.sweeps, ...edge.sweeps],
          useFactory: (...sweeps: ConstructorParameters<typeof Sweeper>[0][number][]) => new Sweeper(sweeps, plumbing.store.gate),
        },
      ],
    };
  }
}

/** What the page shows, as it is read again when a row of it changed. */
const sections = (live: LiveOverlay): LiveSection[] => [
  {
    section: 'federation',
    models: [peerDirectory, peerLatest, peerCalls],
    get: (reads, id) => reads.answer(peerDirectory, { peer_id: id } as object, (db) => getPeer(db, id)),
  },
  {
    section: 'edge',
    models: [agentDirectory, agentLatest],
    get: (reads, id) => reads.answer(agentDirectory, { agent_id: id } as object, (db) => getAgent(db, id)),
  },
  {
    section: 'services',
    models: [componentDirectory, componentLatest],
    get: async (reads, id) => {
      const now = new Date().toISOString() as Instant;
      const { data, ...answer } = await reads.answer(componentDirectory, { component_id: id } as object, (db) => getComponent(db, id, now));
      return { ...answer, data: data === undefined ? null : (live.over([data])[0] ?? null) };
    },
  },
];
