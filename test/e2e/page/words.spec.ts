import { STATUSES, healthOf } from '@app/kernel';
import { meaningOf } from '../../../apps/dashboard/src/logic/reasons.js';
import { healthOfStatus } from '../../../apps/dashboard/src/logic/status-health.js';
import { AGENT_REASONS } from '../../../libs/edge/src/events/agent-reason.js';
import { GATEWAY_REASONS } from '../../../libs/edge/src/events/gateway-state.js';
import { CALL_REASONS } from '../../../libs/federation/src/calls/events/call-reason.js';
import { LINK_REASONS } from '../../../libs/federation/src/peers/events/link-reason.js';
import { REASONS } from '../../../libs/services/src/events/reason.js';

const ALL = new Set([...REASONS, ...LINK_REASONS, ...AGENT_REASONS, ...GATEWAY_REASONS, ...Object.values(CALL_REASONS).flat()]);

it.each(STATUSES)('the page takes %s for what the API does', (status) => expect(healthOfStatus(status)).toBe(healthOf(status)));

it.each([...ALL])('the page explains %s', (reason) => expect(meaningOf(reason)).toMatch(/^[A-Z].*\.$/));
