import { ROLE } from '@app/http';
import { edge } from './context.js';

/** Who may do what, in one place: the guard reads it off the routes. */
const LEAST: Record<string, string | undefined> = {
  'AgentDirectoryController.list': undefined, // viewer, as every route that says nothing
  'AgentDirectoryController.get': undefined,
  'AgentTunnelsController.list': undefined,
  'ArchiveAgentController.archive': 'operator',
  'UnarchiveAgentController.unarchive': 'operator',
  'IssueJoinTokenController.issue': 'operator',
  'PingAgentController.ping': 'operator',
  'RevokeAgentController.revoke': 'admin',
  'ReleaseAgentController.release': 'admin',
};

it('every route asks for its role', () => {
  const routes = edge.controllers.flatMap((controller) =>
    Object.entries(Object.getOwnPropertyDescriptors(controller.prototype))
      .filter(([, { value }]) => Reflect.hasMetadata('path', value as object))
      .map(([method, { value }]) => [`${controller.name}.${method}`, Reflect.getMetadata(ROLE, value as object)]),
  );
  expect(Object.fromEntries(routes)).toEqual(LEAST);
});
