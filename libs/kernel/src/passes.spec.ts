import { Allow, IsIn, IsInt, IsOptional, IsString, Min, ValidateBy, ValidateIf, ValidateNested, validateSync } from 'class-validator';
import { passes } from './passes.js';
import { InvalidShape, IsId, IsListOf, IsNullable, STRICT, assertShape } from './shape.js';

class Wheel {
  @IsInt() readonly spokes: number;
}
const wheel = { spokes: 20 };

class Vehicle {
  @IsId() readonly id: string;
  @IsNullable() @IsInt() @Min(1) readonly seats: number | null;
  @IsOptional() @IsIn(['red', 'blue']) readonly colour?: string;
  @ValidateIf(({ colour }: Vehicle) => colour === 'red') @IsNullable() @IsString() readonly because: unknown;
  @IsListOf(Wheel, 2) readonly wheels: readonly Wheel[];
  @Allow() readonly note: unknown;
}
const vehicle = { id: 'a', seats: 2, colour: 'red', because: 'fast', wheels: [wheel], note: 1 };

class Bus extends Vehicle {
  @IsString() readonly line: string;
}

const made = <T extends object>(shape: new () => T, plain: object): T => Object.assign(new shape(), plain);
const isSound = (instance: object): boolean => validateSync(instance, STRICT).length === 0;

it.each<[string, object]>([
  ['as it should be', {}],
  ['null where it may be', { seats: null }],
  ['undefined where it may be absent', { colour: undefined, because: 7 }],
  ['null where it may be absent', { colour: null, because: 7 }],
  ['unchecked since the condition does not hold', { colour: 'blue', because: 7 }],
  ['checked since both conditions hold', { because: 7 }],
  ['unchecked since one of two conditions does not hold', { because: null }],
  ['anything where anything is allowed', { note: undefined }],
  ['null where it may not be', { id: null }],
  ['undefined where it may not be absent', { seats: undefined }],
  ['the second check of a field', { seats: 0 }],
  ['the first check of a field', { seats: '3' }],
  ['another word', { colour: 'green' }],
  ['a list', { wheels: [] }],
  ['too long a list', { wheels: [wheel, wheel, wheel] }],
  ['something wrong in a list', { wheels: [{ spokes: 'many' }] }],
  ['something more in a list', { wheels: [{ ...wheel, hub: 1 }] }],
  ['a field that nobody knows', { doors: 2 }],
  ['a field that every object has', { toString: 'x' }],
  ['another constructor', { constructor: Wheel }],
])('says what class-validator says: %s', (_, change) => {
  for (const instance of [made(Vehicle, { ...vehicle, ...change }), made(Bus, { ...vehicle, line: '1', ...change })])
    expect(passes(instance instanceof Bus ? Bus : Vehicle, instance)).toBe(isSound(instance));
});

it('holds what is inherited and what is its own to be promised', () => {
  expect(passes(Bus, made(Bus, { ...vehicle, line: '1' }))).toBe(true);
  expect(passes(Bus, made(Bus, vehicle))).toBe(false);
  expect(passes(Vehicle, made(Vehicle, { ...vehicle, line: '1' }))).toBe(false);
});

it('hands a check what class-validator hands it', () => {
  const heard: unknown[] = [];
  const hear = (value: unknown, said: unknown): boolean => heard.push([value, said]) > 0;
  class Heard {
    @ValidateBy({ name: 'hear', constraints: [3], validator: { validate: hear } }) readonly word: string;
  }
  const instance = made(Heard, { word: 'a' });
  expect(passes(Heard, instance)).toBe(true);
  validateSync(instance, STRICT);
  expect(heard[0]).toEqual(heard[1]);
});

describe('leaves to class-validator', () => {
  class Nothing {}
  class Nested {
    @ValidateNested() readonly wheel: Wheel;
  }
  class Each {
    @ValidateBy({ name: 'letters', validator: { validate: (value) => Array.isArray(value) || value === 'a' } }, { each: true })
    readonly letters: string[];
  }
  class Sometimes {
    @IsInt({ validateIf: () => false }) readonly n: number;
  }
  class Later {
    @ValidateBy({ name: 'later', validator: { validate: () => Promise.resolve(false) } }) readonly n: number;
  }
  it.each<[string, new () => object, object]>([
    ['what promises nothing', Nothing, {}],
    ['what is within', Nested, { wheel: made(Wheel, wheel) }],
    ['each of several', Each, { letters: ['b'] }],
    ['a condition of one check', Sometimes, { n: 'x' }],
    ['what is only known later', Later, { n: 1 }],
  ])('%s', (_, shape, fields) => expect(passes(shape, made(shape, fields))).toBe(false));

  it('what it finds wrong, which it names', () => {
    expect(() => assertShape(Vehicle, { ...vehicle, seats: 0, doors: 2 })).toThrow(InvalidShape);
    expect(() => assertShape(Vehicle, { ...vehicle, seats: 0, doors: 2 })).toThrow(
      'Vehicle: property doors should not exist; seats must not be less than 1',
    );
    expect(() => assertShape(Each, { letters: ['a', 'a'] })).not.toThrow();
  });
});
