export { Accepted } from './accepted.view.js';
export { AnswerOf, ListAnswerOf, Warning } from './answer.view.js';
export { Actor, CommandId, Idempotent, ROLE, ROLES, Roles, Public, may } from './caller.js';
export type { Caller, Role } from './caller.js';
export { Command, Takes, openDoor } from './door.js';
export { ProblemException } from './problem.filter.js';
export { Problem } from './problem.view.js';
export { acceptedOr, problemOf } from './refusal.js';
