import type { ValueProvider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  Browser,
  CallLog,
  CommandHandler,
  EventSubscription,
  InstanceIdentity,
  LogAcceptance,
  NonceStore,
  Places,
  RequestReply,
  Telemetry,
} from '@app/event-store';
import { ReadModels } from '@app/read-store';
import type { Plumbing } from './plumbing.js';

/** A value under the token by which it is asked for. */
export const given = (provide: unknown, useValue: unknown): ValueProvider => ({ provide: provide as never, useValue });

/** The plumbing under the tokens by which contexts ask for its parts. */
export const machinesOf = ({ store, reads, privateStore }: Plumbing, commands: CommandHandler = store.commands): ValueProvider[] => [
  given(CommandHandler, commands),
  given(Telemetry, store.telemetry),
  given(CallLog, store.calls),
  given(EventSubscription, store.subscription),
  given(RequestReply, store.rpc),
  given(Browser, store.browser),
  given(NonceStore, store.nonces),
  given(InstanceIdentity, store.identity),
  given(LogAcceptance, store.gate),
  given(Places, store.gate),
  given(ReadModels, reads),
  given(DataSource, privateStore),
];
