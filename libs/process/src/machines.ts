import type { ValueProvider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  Browser,
  CallLog,
  CommandHandler,
  FactFeed,
  InstanceIdentity,
  LogStanding,
  Once,
  Places,
  Questions,
  Telemetry,
} from '@app/event-store';
import { ReadModels } from '@app/read-store';
import type { Plumbing } from './plumbing.js';

/** A value under the token by which it is asked for. */
export const given = (provide: unknown, useValue: unknown): ValueProvider => ({ provide: provide as never, useValue });

/** The plumbing under the tokens by which rooms ask for its parts. */
export const machinesOf = ({ store, reads, privateStore }: Plumbing, commands: CommandHandler = store.commands): ValueProvider[] => [
  given(CommandHandler, commands),
  given(Telemetry, store.telemetry),
  given(CallLog, store.calls),
  given(FactFeed, store.feed),
  given(Questions, store.questions),
  given(Browser, store.browser),
  given(Once, store.once),
  given(InstanceIdentity, store.identity),
  given(LogStanding, store.gate),
  given(Places, store.gate),
  given(ReadModels, reads),
  given(DataSource, privateStore),
];
