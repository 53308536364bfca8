import { IsInt, IsString } from 'class-validator';
import { DomainEvent, type Id, IsId, IsNullable, type NewOf, type Decider, asId, newEvent, refuse, streamOf } from '@app/kernel';

export type ItemId = Id<'Item'>;

/** A context of its own for the tests of plumbing, which knows no real one. */
@DomainEvent
export class Put {
  static readonly kind = 'fact';
  static readonly type = 'test.thing.put';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: Put = { item_id: asId('a'), n: 1, note: '' };
  static readonly streamId = (data: Put): string => data.item_id;

  @IsId() readonly item_id: ItemId;

  @IsInt() readonly n: number;

  @IsString() readonly note: string;
}

/** As releases of before wrote it, which did not ask who took. */
export class TakenV1 {
  static readonly example: TakenV1 = { item_id: asId('a'), count: 1 };
  static readonly toNext = ({ item_id, count }: TakenV1): Taken => ({ item_id, n: count, by: null });

  @IsId() readonly item_id: ItemId;

  @IsInt() readonly count: number;
}

/** Somebody took something from a thing. The fact that has two versions: a log holds both, and every reader reads both. */
@DomainEvent
export class Taken {
  static readonly kind = 'fact';
  static readonly type = 'test.thing.taken';
  static readonly version = 2;
  static readonly past = { 1: TakenV1 };
  static readonly example: Taken = { item_id: asId('a'), n: 1, by: 'ada' };
  static readonly streamId = (data: Taken): string => data.item_id;

  @IsId() readonly item_id: ItemId;

  @IsInt() readonly n: number;

  @IsNullable() @IsString() readonly by: string | null;
}

/** Somebody lifted a thing, how high nobody remembers for long. */
@DomainEvent
export class Lifted {
  static readonly kind = 'telemetry';
  static readonly type = 'test.thing.lifted';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: Lifted = { item_id: asId('a'), height: 1 };
  static readonly streamId = (data: Lifted): string => data.item_id;

  @IsId() readonly item_id: ItemId;

  @IsInt() readonly height: number;
}

/** A newer process knows what this means. */
@DomainEvent
export class Told {
  static readonly kind = 'fact';
  static readonly type = 'test.novelty.told';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: Told = { item_id: asId('a') };
  static readonly streamId = (data: Told): string => data.item_id;

  @IsId() readonly item_id: ItemId;
}

export const shelf = { Put, Taken, Lifted };
export const put = (id: string, n = 1, note = '') => newEvent(Put, { item_id: asId<ItemId>(id), n, note });

export const sample = streamOf('test.thing', shelf).folds<number>({
  initial: 0,
  evolve: { 'test.thing.put': (sum, { data }) => sum + data.n, 'test.thing.taken': (sum, { data }) => sum - data.n },
});

/** What a newer process would write of a thing. */
export const tell: Decider<null, { id: string }, typeof Told> = {
  on: ({ id }) =>
    streamOf('test.novelty', { Told })
      .folds<null>({ initial: null, evolve: { 'test.novelty.told': () => null } })
      .of(id),
  decide: (_before, { data: { id } }) => [newEvent(Told, { item_id: asId<ItemId>(id) })],
};

/** Adds to a thing, up to ten in all. */
export const add: Decider<number, { id: string; n: number }, typeof Put, 'test.full'> = {
  on: ({ id }) => sample.of(id),
  decide: (sum, { data: { id, n } }) => (sum + n > 10 ? refuse('test.full', { sum }) : n === 0 ? [] : [put(id, n)]),
};

/** Takes from a thing, as today's release writes it and as the one before did. */
export const take: Decider<number, { id: string; n: number }, typeof Taken> = {
  on: ({ id }) => sample.of(id),
  decide: (_sum, { data: { id, n } }) => [newEvent(Taken, { item_id: asId<ItemId>(id), n, by: 'ada' })],
};
export const takeAsBefore: typeof take = {
  on: take.on,
  decide: (_sum, { data: { id, n } }) => [takenBefore(id, n)],
};

/** Its type says what it is read as, and not what is stored. */
function takenBefore(id: string, count: number): NewOf<typeof Taken> {
  const data: TakenV1 = { item_id: asId<ItemId>(id), count };
  return { type: Taken.type, version: 1, subject: put(id).subject, data: data as object as Taken };
}
