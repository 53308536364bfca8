import { ArrayMaxSize, IsIn } from 'class-validator';
import { METHOD_CLASSES, type MethodClass } from './method-class.js';

/** The classes that a rule covers: each at most once, in the order of `METHOD_CLASSES`, as `classesOf` writes them. */
export const IsMethodClasses = (): PropertyDecorator => (target, name) => {
  ArrayMaxSize(METHOD_CLASSES.length)(target, name);
  IsIn(METHOD_CLASSES, { each: true })(target, name);
};

export const classesOf = (named: readonly MethodClass[]): MethodClass[] => METHOD_CLASSES.filter((each) => named.includes(each));
