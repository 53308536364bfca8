import type { OpenAPIObject } from '@nestjs/swagger';

/** A schema of OpenAPI 3.0, as far as the description of the API uses it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly allOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: Schema;
}

export interface Response {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

export interface Operation {
  readonly id: string;
  readonly method: string;
  /** From the root, with its parameters in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** undefined: it takes none. */
  readonly body: Schema | undefined;
  /** By status, and `default`. */
  readonly responses: Readonly<Record<string, Response>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
interface Described {
  readonly operationId?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Operation['responses'];
}

export const operationsOf = ({ paths }: OpenAPIObject): Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const described = methods[method] as Described | undefined;
      if (described === undefined) return [];
      const { operationId = `${method} ${path}`, parameters = [], requestBody, responses } = described;
      const body = requestBody?.content['application/json']?.schema;
      return [{ id: operationId, method: method.toUpperCase(), path, parameters, body, responses }];
    }),
  );

export const schemasOf = ({ components }: OpenAPIObject): Readonly<Record<string, Schema>> =>
  (components?.schemas ?? {}) as Readonly<Record<string, Schema>>;

/** The schema behind references and wrappers. */
export function resolved(schema: Schema, schemas: Readonly<Record<string, Schema>>): Schema {
  const [one] = schema.allOf ?? [];
  const target = schema.$ref === undefined ? one : schemas[schema.$ref.split('/').at(-1) ?? ''];
  return target === undefined ? schema : { ...resolved(target, schemas), ...(schema.nullable === true ? { nullable: true } : {}) };
}

/**
 * The same as JSON Schema 2020-12, and closed: an object with a field that is not described does not match, which the description itself
 * would let pass.
 */
export function closed(schema: Schema): object {
  if (schema.nullable === true) {
    const { nullable: _nullable, ...rest } = schema;
    return { anyOf: [closed(rest), { type: 'null' }] };
  }
  const { allOf, oneOf, items, properties, additionalProperties, type, ...rest } = schema;
  return {
    ...rest,
    // Beside a reference its type is said once more by the description.
    ...(allOf === undefined ? (type === undefined ? {} : { type }) : { allOf: allOf.map(closed) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(closed) }),
    ...(items === undefined ? {} : { items: closed(items) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, held]) => [name, closed(held)])) }),
    ...(additionalProperties === undefined
      ? properties === undefined
        ? {}
        : { additionalProperties: false }
      : { additionalProperties: typeof additionalProperties === 'boolean' ? additionalProperties : closed(additionalProperties) }),
  };
}
