import type { Id } from '@app/kernel';

/** Names a component for its whole life: `api`, `nats`, `gateway-berlin`. Follows from the configuration, so it survives restarts. */
export type ComponentId = Id<'ComponentId'>;
