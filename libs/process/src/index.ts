export { accessFrom } from './access.js';
export { explain } from './explain.js';
export { given, machinesOf } from './machines.js';
export { foldsOf, openPlumbing } from './plumbing.js';
export type { Access, Plumbing, RoomDoor } from './plumbing.js';
export { PublicModule } from './public.module.js';
export { runProcess } from './run.js';
export { setUp } from './set-up.js';
