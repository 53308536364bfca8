import { STATUSES, healthOf } from '@app/kernel';
import { healthOfStatus } from '../../apps/dashboard/src/logic/status-health.js';

it('the page counts every status word as the kernel does', () => {
  expect(STATUSES.map((status) => [status, healthOfStatus(status)])).toEqual(STATUSES.map((status) => [status, healthOf(status)]));
});
