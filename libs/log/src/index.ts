export { log } from './room.js';
export { acceptStream } from './write/accept-stream/accept-stream.decide.js';
