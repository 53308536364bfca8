import { access } from '@app/access';
import { edge } from '@app/edge';
import { federation } from '@app/federation';
import { log } from '@app/log';
import type { RoomDoor } from '@app/process';
import { services } from '@app/services';

/** Every room of the house, by its name. */
export const rooms = { access, federation, edge, services, log } as const;

/** Whose events every process knows, whose read models are projected, whose tables are set up. */
export const ROOMS: readonly RoomDoor[] = Object.values(rooms);
