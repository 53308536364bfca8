export { log } from './room.js';
