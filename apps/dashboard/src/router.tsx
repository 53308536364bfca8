import { Navigate, Outlet, createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { addressOf, readQuery, returnPath, writeQuery } from './logic/address.js';
import { Shell } from './page/shell.js';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: lazyRouteComponent(() => import('./page/not-found.js')),
});

const infrastructure = createRoute({ getParentRoute: () => root, path: '/infrastructure', validateSearch: addressOf, component: Shell });

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { return?: string } =>
    typeof search.return === 'string' ? { return: returnPath(search.return) } : {},
  component: lazyRouteComponent(() => import('./page/login.js')),
});

const index = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: () => <Navigate to="/infrastructure" search={addressOf({})} replace />,
});

export const router = createRouter({
  routeTree: root.addChildren([infrastructure, login, index]),
  parseSearch: readQuery,
  stringifySearch: writeQuery,
  scrollRestoration: false,
  defaultPendingMs: 0,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
