import { Ajv2020 } from 'ajv/dist/2020.js';
import { IsEmail, IsInt, Matches } from 'class-validator';
import fc from 'fast-check';
import { InvalidShape, IsListOf, assertShape, jsonSchemaOf } from '@app/kernel';
import { everyShape } from '@app/kernel/testing';
import { allContexts } from '../contexts.js';

const accepts = (shape: new () => object, data: unknown): boolean => {
  try {
    assertShape(shape, data);
    return true;
  } catch (error) {
    if (error instanceof InvalidShape) return false;
    throw error;
  }
};
const schemaOf = (shape: new () => object) =>
  new Ajv2020({ strict: true, validateFormats: false, allowUnionTypes: true }).compile(jsonSchemaOf(shape));

const events = (await allContexts()).flatMap((context) => context.events);

describe.each(events.map((event) => [event.type, event] as const))('%s', (_type, event) => {
  it.each(everyShape(event))('version $version: schema and class accept and reject alike', ({ shape, example }) => {
    const conforms = schemaOf(shape);
    const without = Object.keys(example).map((field) => Object.fromEntries(Object.entries(example).filter(([name]) => name !== field)));
    const broken = Object.keys(example).flatMap((field) => [null, 7.5, '', {}, 'x y'].map((value) => ({ ...example, [field]: value })));
    for (const data of [example, { ...example, extra: 1 }, ...without, ...broken])
      expect([data, conforms(data)]).toEqual([data, accepts(shape, data)]);
  });

  it.each(everyShape(event))('version $version: also of texts nobody thought of', ({ shape, example }) => {
    const conforms = schemaOf(shape);
    const texts = Object.entries(example).filter(([, value]) => typeof value === 'string');
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.string({ unit: 'grapheme', maxLength: 120 }),
      fc.tuple(fc.constantFrom(...texts.map(([, value]) => value as string)), fc.string({ maxLength: 3 })).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(fc.constantFrom(...texts.map(([field]) => field)), text, (field, value) => {
        const data = { ...example, [field]: value };
        expect([data, conforms(data)]).toEqual([data, accepts(shape, data)]);
      }),
    );
  });
});

it('refuses a decorator it has no words for', () => {
  class Odd {
    @IsEmail()
    address: string;
  }
  expect(() => jsonSchemaOf(Odd)).toThrow('Odd.address: no JSON Schema for isEmail');
});

it('refuses a pattern whose flags a schema cannot say', () => {
  class Loud {
    @Matches(/^a$/i)
    letter: string;
  }
  expect(() => jsonSchemaOf(Loud)).toThrow('no JSON Schema for the flags of /^a$/i');
});

it('says what is in a list, and how long it may be', () => {
  class Part {
    @IsInt() size: number;
  }
  class Whole {
    @IsListOf(Part, 2) parts: Part[];
  }
  const conforms = schemaOf(Whole);
  const part = { size: 1 };
  for (const parts of [
    [],
    [part],
    [part, part],
    [part, part, part],
    [{ size: 'x' }],
    [{ size: 1, extra: 1 }],
    [{}],
    [null],
    [1],
    part,
    null,
  ])
    expect([parts, conforms({ parts })]).toEqual([parts, accepts(Whole, { parts })]);
  expect(conforms({ parts: [part, part] })).toBe(true);
});
