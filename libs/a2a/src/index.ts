export { METHOD_CLASSES, isKnownMethod, methodClassOf } from './method.js';
export type { MethodClass } from './method.js';
