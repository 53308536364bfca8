// The processes of this image. `APP` names the one that a container runs, and here stands what is asked to know that it works.
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `http`: `/healthz`, where the named variables say that it listens, or on these defaults.
 * `pulse`: the file that docker/main.mjs keeps fresh: from when the process says that it works to when it begins to end, or, of one that
 * does not say it, for as long as its event loop turns.
 * Neither: it runs to its end by itself.
 */
export const APPS = {
  api: { http: { host: 'API_HOST', port: 'API_PORT', defaultPort: 4600 } },
  standalone: { http: { host: 'API_HOST', port: 'API_PORT', defaultPort: 4600 } },
  federation: { http: { host: 'PUBLIC_HOST', port: 'PUBLIC_PORT', defaultPort: 4601, tls: 'PUBLIC_TLS_CERT' } },
  edge: { http: { host: 'PUBLIC_HOST', port: 'PUBLIC_PORT', defaultPort: 4601, tls: 'PUBLIC_TLS_CERT' } },
  projector: { liveness: 'while it works' },
  prober: { liveness: 'while it works' },
  'edge-agent': { liveness: 'while it runs' },
  setup: {},
};

export const LIVENESS_FILE = join(tmpdir(), 'clawbutler-pulse');
export const LIVENESS_MS = 5_000;
