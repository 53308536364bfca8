import { STATUSES, healthOf } from '@app/kernel';
import { meaningOf } from '../../../apps/dashboard/src/logic/reasons.js';
import { healthOfStatus } from '../../../apps/dashboard/src/logic/status-health.js';
import { REASONS } from '../../../libs/services/src/events/reason.js';

it.each(STATUSES)('the page takes %s for what the API does', (status) => expect(healthOfStatus(status)).toBe(healthOf(status)));

it.each(REASONS)('the page explains %s', (reason) => expect(meaningOf(reason)).toMatch(/^[A-Z].*\.$/));
