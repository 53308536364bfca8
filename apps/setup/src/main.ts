import 'reflect-metadata';
import { ServersConfig, readConfig } from '@app/config';
import { accessFrom, explain, setUp } from '@app/process';
import { ROOMS } from '@app/rooms';

/** Streams, schemas and migrations on servers of one's own; once before the other processes start, and after each upgrade. */
try {
  const at = accessFrom(readConfig(ServersConfig));
  const { instance_id } = await setUp(at.nats, at, ROOMS, (words) => void process.stderr.write(`${words}\n`));
  process.stdout.write(`Set up. This instance is ${instance_id}.\n`);
} catch (error) {
  process.stderr.write(`The set-up stopped: ${explain(error)}\n`);
  process.exitCode = 1;
}
