import { ROLE } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { Doctor } from './doctor.adapter.js';
import { DoctorController } from './doctor.controller.js';
import type { DoctorReport } from './doctor.view.js';

const report: DoctorReport = {
  checks: [{ id: 'nats', title: 'NATS JetStream', state: 'fail', detail: 'NATS does not answer.', next: 'Start it.' }],
  release: '0.1.0',
  instance_id: 'inst-1',
};

let app: TestApp;
beforeAll(async () => {
  app = await testAppOf([DoctorController], [{ provide: Doctor, useValue: { report: async () => report } }]);
});
afterAll(() => app.close());

it('answers 200 with the checks, also when one of them failed', async () => {
  expect(await app.ask('GET', 'doctor')).toMatchObject({ status: 200, body: { data: report, lag_ms: 0, warnings: [] } });
});

it('asks for the role operator', () => {
  expect(Reflect.getMetadata(ROLE, Object.getOwnPropertyDescriptor(DoctorController.prototype, 'examine')?.value)).toBe('operator');
});
