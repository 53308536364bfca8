import { type ValidationArguments, ValidationTypes, getMetadataStorage } from 'class-validator';

type ValidationRule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];
type Holds = (object: object, value: unknown) => unknown;

/** What is promised of one field: `checks`, where all `conditions` hold. */
interface Promised {
  readonly conditions: readonly Holds[];
  readonly checks: readonly Holds[];
}
type Plan = ReadonlyMap<string, Promised>;

/** By class; null: there is something in it that is not planned for. */
const plans = new WeakMap<object, Plan | null>();

/**
 * Whether class-validator would find nothing wrong with an instance, strictly read: its own checks, called as it calls them. It collects
 * them anew for each object, among those of all classes there are, and writes a report; here they are collected once. False says
 * nothing: what is wrong, and whether anything is, it alone can tell.
 */
export function passes(shape: new () => object, instance: object): boolean {
  const plan = planOf(shape);
  if (plan === null) return false;
  for (const name of Object.keys(instance)) if (!plan.has(name)) return false;
  for (const [name, { conditions, checks }] of plan) {
    const value = (instance as Record<string, unknown>)[name];
    const isLooked = conditions.every((condition) => Boolean(condition(instance, value)));
    if (isLooked && !checks.every((check) => check(instance, value) === true)) return false;
  }
  return true;
}

function planOf(shape: new () => object): Plan | null {
  const known = plans.get(shape);
  if (known !== undefined) return known;
  const rules = getMetadataStorage().getTargetValidationMetadatas(shape, '', false, false);
  const plan = rules.length > 0 && rules.every(isPlanned) ? new Map([...Map.groupBy(rules, fieldOf)].map(promisedOf)) : null;
  plans.set(shape, plan);
  return plan;
}

const PLANNED: readonly string[] = [ValidationTypes.CUSTOM_VALIDATION, ValidationTypes.CONDITIONAL_VALIDATION, ValidationTypes.WHITELIST];
const isPlanned = ({ type, each, validateIf }: ValidationRule): boolean => PLANNED.includes(type) && !each && validateIf === undefined;
const fieldOf = ({ propertyName }: ValidationRule): string => propertyName;

const promisedOf = ([name, rules]: [string, readonly ValidationRule[]]): [string, Promised] => {
  const of = (wanted: string): readonly ValidationRule[] => rules.filter(({ type }) => type === wanted);
  const conditions = of(ValidationTypes.CONDITIONAL_VALIDATION).map(({ constraints }) => constraints[0] as Holds);
  return [name, { conditions, checks: of(ValidationTypes.CUSTOM_VALIDATION).flatMap(checksOf) }];
};

const checksOf = ({ constraintCls, constraints, propertyName }: ValidationRule): Holds[] =>
  getMetadataStorage()
    .getTargetValidatorConstraints(constraintCls)
    .map(({ instance }) => (object, value) => {
      const said: ValidationArguments = { targetName: object.constructor.name, property: propertyName, object, value, constraints };
      return instance.validate(value, said);
    });
