export { Bearers } from './adapters/bearer.adapter.js';
export { KnownCallers } from './runtime/known-callers.adapter.js';
export { newLoginCode } from './adapters/login-code.adapter.js';
export { AccessOptions } from './adapters/session-cookie.adapter.js';
export { access } from './context.js';
