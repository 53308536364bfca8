import type pg from 'pg';
import type { EventStore } from '@app/event-store';
import { Clock } from '@app/kernel';
import type { ComponentDeclared, ComponentId } from '../events/index.js';
import { type LiveProbes, LiveObserver } from '../runtime/live-observer.js';
import type { ProjectionLag } from '../runtime/ports.js';
import type { Probe } from '../runtime/probe.js';
import type { Configured } from '../runtime/configured.js';
import { Prober } from '../runtime/prober.js';
import { ProjectionsProbe } from '../runtime/projections.probe.js';
import type { ServiceTargets } from '../services.targets.js';
import { POLICY } from '../runtime/policy.js';
import { AgentGatewaysInRows } from './agent-gateways.adapter.js';
import { ApiProbe } from './api.adapter.js';
import { GatewayProbe } from './gateway.adapter.js';
import { ComponentsInLog } from './known-components.adapter.js';
import { NatsProbe } from './nats.adapter.js';
import { shown } from './network-failure.js';
import { PostgresqlProbe } from './postgresql.adapter.js';
import { SystemLoop } from './system-loop.adapter.js';
import { MissingValkeyProbe, ValkeyProbe } from './valkey.adapter.js';

/** The machines of the process that probes. They are used here, and closed by whoever opened them. */
export interface ServiceMachines {
  readonly store: EventStore;
  readonly pool: pg.Pool;
  /** A sentence for whoever runs the process. */
  readonly warn: (sentence: string) => void;
}

/** So often the API looks at the log as a whole; in between, only whether it answers. */
const LIVE_WHOLE_MS = 15_000;

/** Watches what the configuration names, and writes down what it finds. Not started yet. Another policy is for tests, which have less time. */
export function proberOf(machines: ServiceMachines, targets: ServiceTargets, lag: ProjectionLag, policy = POLICY): Prober {
  const { store, pool, warn } = machines;
  const configured: Configured[] = [
    one('api', 'API', shown(targets.apiUrl), true, new ApiProbe(targets.apiUrl)),
    one('postgresql', 'PostgreSQL', database(machines), true, postgresql(machines, 'prober')),
    one('valkey', 'Valkey', targets.valkeyUrl === null ? null : shown(targets.valkeyUrl), false, valkey(targets)),
    one('nats', 'NATS JetStream', log(machines), true, nats(machines, targets, 0)),
    one('projections', 'Projections', null, true, new ProjectionsProbe(lag)),
    ...targets.gateways.map(({ name, url, critical }) => ({
      declaration: { component_id: `gateway-${name}` as ComponentId, kind: 'gateway' as const, name, target: shown(url), critical },
      probe: new GatewayProbe(url),
    })),
  ];
  const known = new ComponentsInLog(store.nc);
  const { commands, telemetry } = store;
  return new Prober(configured, {
    clock: new Clock(),
    loop: new SystemLoop(),
    policy,
    commands,
    telemetry,
    known,
    observed: new AgentGatewaysInRows(pool),
    warn,
  });
}

/** What the API sees itself. Not started yet. */
export function liveObserverOf(machines: ServiceMachines, targets: ServiceTargets, lag: ProjectionLag): LiveObserver {
  const probes: LiveProbes = {
    nats: nats(machines, targets, LIVE_WHOLE_MS),
    postgresql: postgresql(machines, 'api'),
    valkey: valkey(targets),
    projections: new ProjectionsProbe(lag),
  };
  const observer = new LiveObserver(probes, { clock: new Clock(), loop: new SystemLoop(), warn: machines.warn });
  const { gate } = machines.store;
  const note = (): void => observer.noteLog(gate.troubles().map(({ detail }) => `${detail}: nothing is written to it.`));
  gate.onChange(note);
  note();
  return observer;
}

type Core = Exclude<ComponentDeclared['kind'], 'gateway' | 'gateways'>;
const one = (kind: Core, name: string, target: string | null, critical: boolean, probe: Probe): Configured => ({
  declaration: { component_id: kind as string as ComponentId, kind, name, target, critical },
  probe,
});

const log = ({ store }: ServiceMachines): string => `nats://${store.nc.getServer()}`;
const database = ({ pool }: ServiceMachines): string => shown(pool.options.connectionString ?? 'postgresql://unknown');

const nats = ({ store }: ServiceMachines, { natsMonitorUrl }: ServiceTargets, wholeEveryMs: number): Probe =>
  new NatsProbe({ store, monitorUrl: natsMonitorUrl, wholeEveryMs, timeoutMs: POLICY.kinds.nats.timeoutMs });
const postgresql = (machines: ServiceMachines, prober: string): Probe => new PostgresqlProbe(machines.pool, prober, database(machines));
const valkey = ({ valkeyUrl, valkeyMissing }: ServiceTargets): Probe =>
  valkeyUrl === null ? new MissingValkeyProbe(valkeyMissing ?? NO_VALKEY) : new ValkeyProbe(valkeyUrl);

const NO_VALKEY = 'There is no Valkey: set VALKEY_URL, or install valkey-server or redis-server.';
