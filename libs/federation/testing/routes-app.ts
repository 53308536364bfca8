import type { Type } from '@nestjs/common';
import { CommandHandler } from '@app/event-store';
import type { MemoryLog } from '@app/event-store/testing';
import type { Endpoint, Role } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import type { AgentCheck } from '../src/routing/agent-check.view.js';
import { AgentCheckClient } from '../src/routing/agent-check-client.provider.js';
import type { AgentToCheck } from '../src/routing/agent-check.rpc.js';
import { TargetGuard } from '../src/outbound.provider.js';
import { RouteCredentials } from '../src/routing/private/route-credentials.provider.js';
import { RouteParts } from '../src/routing/route-parts.provider.js';
import { CredentialTable } from './credentials.js';

export const GOOD: AgentCheck = { ok: true, reason: null, sentence: 'The card was read.', interfaces: [] };

export interface RoutesApp extends TestApp {
  readonly credentials: CredentialTable;
  /** The agents whose cards were asked for. */
  readonly checked: AgentToCheck[];
  /** From here on this one asks; undefined: nobody whom the guard knows. */
  as(role: Role | undefined): void;
}

/** Commands on routing rules over real HTTP, on a log, a table and a federation process in memory. */
export async function openRoutesApp(controllers: readonly Type[], log: MemoryLog, own: readonly Endpoint[] = []): Promise<RoutesApp> {
  const credentials = new CredentialTable();
  const checked: AgentToCheck[] = [];
  const checkAgent: AgentCheckClient['checkAgent'] = async (agent) => (checked.push(agent), GOOD);
  const asking: { role: Role | undefined } = { role: 'operator' };
  const testApp = await testAppOf(
    controllers,
    [
      RouteParts,
      { provide: CommandHandler, useValue: log },
      { provide: RouteCredentials, useValue: credentials },
      { provide: TargetGuard, useValue: new TargetGuard({ allowCidrs: [], allowLoopbackHttp: true, own }) },
      { provide: AgentCheckClient, useValue: { checkAgent } },
    ],
    false,
    async (app) => {
      const server = app.getHttpAdapter().getInstance();
      server.addHook('onRequest', (request, _reply, done) => {
        if (asking.role !== undefined) Object.assign(request, { caller: { actor: 'anonymous', role: asking.role } });
        done();
      });
    },
  );
  return { ...testApp, credentials, checked, as: (role) => void (asking.role = role) };
}
