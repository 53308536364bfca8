import { IsInt, IsString } from 'class-validator';
import { DomainEvent, type Id, IsId, type Rule, asId, newEvent, refuse, streamOf } from '@app/kernel';

export type ThingId = Id<'Thing'>;

/** A room of its own for the tests of plumbing, which knows no real one. */
@DomainEvent
export class Put {
  static readonly kind = 'fact';
  static readonly type = 'test.thing.put';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: Put = { thing_id: asId('a'), n: 1, note: '' };
  static readonly streamId = (data: Put): string => data.thing_id;

  @IsId() readonly thing_id: ThingId;

  @IsInt() readonly n: number;

  @IsString() readonly note: string;
}

/** Somebody lifted a thing, how high nobody remembers for long. */
@DomainEvent
export class Lifted {
  static readonly kind = 'telemetry';
  static readonly type = 'test.thing.lifted';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: Lifted = { thing_id: asId('a'), height: 1 };
  static readonly streamId = (data: Lifted): string => data.thing_id;

  @IsId() readonly thing_id: ThingId;

  @IsInt() readonly height: number;
}

/** A newer process knows what this means. */
@DomainEvent
export class Told {
  static readonly kind = 'fact';
  static readonly type = 'test.novelty.told';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: Told = { thing_id: asId('a') };
  static readonly streamId = (data: Told): string => data.thing_id;

  @IsId() readonly thing_id: ThingId;
}

export const shelf = { Put, Lifted };
export const put = (id: string, n = 1, note = '') => newEvent(Put, { thing_id: asId<ThingId>(id), n, note });

export const thing = streamOf('test.thing', shelf).folds<number>({
  initial: 0,
  evolve: { 'test.thing.put': (sum, { data }) => sum + data.n },
});

/** What a newer process would write of a thing. */
export const tell: Rule<null, { id: string }, typeof Told> = {
  on: ({ id }) =>
    streamOf('test.novelty', { Told })
      .folds<null>({ initial: null, evolve: { 'test.novelty.told': () => null } })
      .of(id),
  decide: (_before, { data: { id } }) => [newEvent(Told, { thing_id: asId<ThingId>(id) })],
};

/** Adds to a thing, up to ten in all. */
export const add: Rule<number, { id: string; n: number }, typeof Put, 'test.full'> = {
  on: ({ id }) => thing.of(id),
  decide: (sum, { data: { id, n } }) => (sum + n > 10 ? refuse('test.full', { sum }) : n === 0 ? [] : [put(id, n)]),
};
