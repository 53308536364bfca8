import type { ComponentDeclared, ComponentId } from '../events/index.js';
import type { Probe } from './probe.js';

/** One component as the configuration names it, and how it is looked at. */
export interface Configured {
  readonly declaration: ComponentDeclared;
  readonly probe: Probe;
}

/** The component that the gateways add up to. */
export const ROLL_UP = 'gateways' as ComponentId;
