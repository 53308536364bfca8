import { ROLE } from '@app/http';
import { federation } from './room.js';

/** Who may do what, in one place: the guard reads it off the routes. */
const LEAST: Record<string, string | undefined> = {
  'PeerDirectoryController.list': undefined, // viewer, as every route that says nothing
  'PeerDirectoryController.get': undefined,
  'RegisterPeerController.register': 'operator',
  'EditPeerController.edit': 'operator',
  'SuspendPeerController.suspend': 'operator',
  'ResumePeerController.resume': 'operator',
  'RemovePeerController.remove': 'admin',
};

it('every route asks for its role', () => {
  const routes = federation.controllers.flatMap((controller) =>
    Object.entries(Object.getOwnPropertyDescriptors(controller.prototype))
      .filter(([, { value }]) => Reflect.hasMetadata('path', value as object))
      .map(([method, { value }]) => [`${controller.name}.${method}`, Reflect.getMetadata(ROLE, value as object)]),
  );
  expect(Object.fromEntries(routes)).toEqual(LEAST);
});
