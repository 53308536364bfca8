import { CommandHandler, InstanceIdentity } from '@app/event-store';
import { OutboundGuard, ROLE } from '@app/http';
import { testAppOf } from '@app/http/testing';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { ReadModels } from '@app/read-store';
import { AgentCheckClient } from './routing/agent-check-client.provider.js';
import { LinkRpcClient } from './peers/link-rpc-client.provider.js';
import { PeerSecrets } from './peers/private/peer-secrets.provider.js';
import { federation } from './context.js';
import { RouteParts } from './routing/route-parts.provider.js';

/** Who may do what, in one place: the guard reads it off the routes. */
const LEAST: Record<string, string | undefined> = {
  'PeerDirectoryController.list': undefined, // viewer, as every route that says nothing
  'PeerDirectoryController.get': undefined,
  'RegisterPeerController.register': 'operator',
  'EditPeerController.edit': 'operator',
  'SuspendPeerController.suspend': 'operator',
  'ResumePeerController.resume': 'operator',
  'RemovePeerController.remove': 'admin',
  'TestPeerController.testLink': 'operator',
  'TestPeerController.testPeer': 'operator',
  'RetryPeerController.retry': 'operator',
  'CallLogController.list': undefined,
  'CallController.get': undefined,
  'RouteDirectoryController.list': undefined,
  'AddRouteController.add': 'operator',
  'EditRouteController.edit': 'operator',
  'MoveRouteController.move': 'operator',
  'RemoveRouteController.remove': 'operator',
  'ReleasePeerController.release': 'admin',
  'PinPeerKeyController.pin': 'admin',
  'ReleaseRouteController.release': 'admin',
  'TestRouteController.test': undefined,
};

it('every route asks for its role', () => {
  const routes = federation.controllers.flatMap((controller) =>
    Object.entries(Object.getOwnPropertyDescriptors(controller.prototype))
      .filter(([, { value }]) => Reflect.hasMetadata('path', value as object))
      .map(([method, { value }]) => [`${controller.name}.${method}`, Reflect.getMetadata(ROLE, value as object)]),
  );
  expect(Object.fromEntries(routes)).toEqual(LEAST);
});

it('every route is described by a name of its own', async () => {
  const ports = [AgentCheckClient, CommandHandler, InstanceIdentity, LinkRpcClient, OutboundGuard, PeerSecrets, ReadModels, RouteParts];
  const nothing = ports.map((provide) => ({ provide, useValue: {} }));
  const app = await testAppOf(federation.controllers, nothing);
  const { paths } = SwaggerModule.createDocument(app.app, new DocumentBuilder().build());
  await app.close();
  const operations = Object.values(paths).flatMap(({ get, post, patch, delete: remove }) =>
    [get, post, patch, remove].filter((route) => route !== undefined),
  );
  expect(new Set(operations.map(({ operationId }) => operationId))).toEqual(
    new Set([
      'addRoute',
      'editPeer',
      'editRoute',
      'getCall',
      'getPeer',
      'listCalls',
      'listPeers',
      'listRoutes',
      'moveRoute',
      'pinPeerKey',
      'registerPeer',
      'releasePeer',
      'releaseRoute',
      'removePeer',
      'removeRoute',
      'resumePeer',
      'retryPeer',
      'suspendPeer',
      'testLink',
      'testPeer',
      'testRoute',
    ]),
  );
});
