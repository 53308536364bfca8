export { ReadModels, Rows } from './ports.js';
export type { Answer } from './ports.js';
