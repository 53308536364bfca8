export { agentDirectory } from './read/agent-directory/agent-directory.projection.js';
export { countAgents, getAgent, troubledAgents } from './read/agent-directory/agent-directory.query.js';
export { EdgeAgent } from './read/agent-directory/agent-directory.view.js';
export { agentEvaluated } from './read/agent-directory/agent-evaluated.rollup.js';
export { agentLatest } from './read/agent-directory/agent-latest.rollup.js';
export { agentRejections } from './read/agent-directory/agent-rejections.rollup.js';
export { edge } from './context.js';
export { EdgeEndpoint } from './runtime/edge.endpoint.js';
