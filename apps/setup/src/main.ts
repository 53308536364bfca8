import 'reflect-metadata';
import { ServersConfig, readConfig } from '@app/config';
import { accessFrom, explain, setUp, troubleOf } from '@app/process';
import { CONTEXTS } from '@app/contexts';

/** Streams, schemas and migrations on servers of one's own; once before the other processes start, and after each upgrade. */
try {
  const at = accessFrom(readConfig(ServersConfig));
  const made = await setUp(at.nats, at, CONTEXTS, (words) => void process.stderr.write(`${words}\n`));
  const trouble = troubleOf(made);
  if (trouble === null) process.stdout.write(`Set up. This instance is ${made.instance_id}.\n`);
  else process.stderr.write(`${trouble}\n`); // The processes start all the same, refuse, and say the same.
} catch (error) {
  process.stderr.write(`The set-up stopped: ${explain(error)}\n`);
  process.exitCode = 1;
}
