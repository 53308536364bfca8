export * from '../calls/events/index.js';
export * from '../peers/events/index.js';
export * from '../routing/events/index.js';
