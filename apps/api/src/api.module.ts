import { type DynamicModule, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessOptions, access } from '@app/access';
import { type ApiConfig, SecretBox, list } from '@app/config';
import { CommandHandler, InstanceIdentity, Telemetry } from '@app/event-store';
import { FederationOptions, federation, getPeer, peerDirectory } from '@app/federation';
import type { Instant } from '@app/kernel';
import type { Plumbing } from '@app/process';
import { ReadModels } from '@app/read-store';
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
  readonly secretsKey: Uint8Array;
  readonly federation: FederationOptions;
  readonly access: AccessOptions;
}

/** `secretsKey`: 32 bytes. */
export const settingsFrom = (config: ApiConfig, secretsKey: Uint8Array): ApiSettings => ({
  secretsKey,
  federation: {
    allowCidrs: list(config.FEDERATION_ALLOW_CIDRS),
    allowLoopbackHttp: config.FEDERATION_ALLOW_LOOPBACK_HTTP === 'true',
  },
  access: { secureCookie: config.API_URL?.startsWith('https:') ?? false },
});

/** What the process sees itself of what every answer stands on. */
export type LiveSight = Pick<LiveObserver, 'over' | 'start' | 'stop' | 'onChange'>;

/** The API: the rooms' commands and queries over HTTP, the log to browse, and the page's live feed. */
@Module({})
export class ApiModule {
  static with(plumbing: Plumbing, settings: ApiSettings, live: LiveSight): DynamicModule {
    const given = (provide: unknown, useValue: unknown) => ({ provide: provide as never, useValue });
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
        ...services.controllers,
      ],
      providers: [
        given(PlumbingToken, { plumbing }),
        given(CommandHandler, plumbing.store.commands),
        given(Telemetry, plumbing.store.telemetry),
        given(InstanceIdentity, plumbing.store.identity),
        given(ReadModels, plumbing.reads),
        given(DataSource, plumbing.privateStore),
        given(SecretBox, new SecretBox(settings.secretsKey)),
        given(FederationOptions, settings.federation),
        given(AccessOptions, settings.access),
        given(LiveOverlay, live),
        { provide: LiveWatch, inject: [LiveFeed], useFactory: (feed: LiveFeed) => new LiveWatch(live, feed) },
        ...access.providers,
        ...federation.providers,
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
          inject: [...federation.sweeps],
          useFactory: (...sweeps: ConstructorParameters<typeof Sweeper>[0][number][]) => new Sweeper(sweeps),
        },
      ],
    };
  }
}

/** What the page shows, as it is read again when a row of it changed. */
const sections = (live: LiveOverlay): LiveSection[] => [
  {
    section: 'federation',
    models: [peerDirectory],
    get: (reads, id) => reads.answer(peerDirectory, { peer_id: id } as object, (db) => getPeer(db, id)),
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
