import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { ProblemError, wire } from './api/http.js';
import { restoreTheme } from './parts/theme.js';
import { router } from './router.js';
import './styles.css';

restoreTheme();

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // While the stream lives it keeps the rows; this is for what it does not carry, and for when it does not live.
      staleTime: 15_000,
      // The API may well be on this machine: whether there is an internet says nothing.
      networkMode: 'always',
      retry: (failures, error) => failures < 2 && (!(error instanceof ProblemError) || error.problem.status >= 500),
      retryDelay: 1_000,
    },
    mutations: { networkMode: 'always' },
  },
});

wire.loginNeeded = () => {
  const { pathname, href } = router.state.location;
  if (pathname === '/login') return;
  client.clear();
  void router.navigate({ to: '/login', search: { return: href }, replace: true });
};

createRoot(document.getElementById('root')!).render(
  <QueryClientProvider client={client}>
    <RouterProvider router={router} />
  </QueryClientProvider>,
);
