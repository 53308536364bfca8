import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { type Plugin, type UserConfig, defineConfig } from 'vite';

const API = 'http://127.0.0.1:4600';

/** The first paint waits for the entry, which sets the theme kept from the last visit: no flash of the other one. */
const paintAfterEntry: Plugin = {
  name: 'paint-after-entry',
  transformIndexHtml: {
    order: 'post',
    handler: (html) => html.replace('<script type="module"', '<script type="module" blocking="render"'),
  },
};

const CONFIG: UserConfig = {
  root: import.meta.dirname,
  plugins: [react(), tailwind(), paintAfterEntry],
  // The Host stays: the API takes what a browser sends only from a page of its own origin.
  server: { proxy: { '/api': { target: API, changeOrigin: false } } },
  build: {
    outDir: '../../dist/apps/dashboard',
    emptyOutDir: true,
    // A file of its own for every asset: a strict Content-Security-Policy lets no data: through.
    assetsInlineLimit: 0,
    // What has light-dark(), which the themes are written with.
    target: ['chrome123', 'firefox120', 'safari17.5'],
  },
};

export default defineConfig(({ command }) => {
  // Built by whatever: under a test runner, too, what is built is what is shipped and not React's own debugging.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return CONFIG;
});
