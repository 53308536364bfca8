import { existsSync, readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { FederationConfig, SecretBox, readConfig, secretsKeyOf } from '@app/config';
import { renewKey } from '@app/federation';
import { type Access, openPlumbing } from '@app/process';
import { CONTEXTS } from '@app/contexts';

/**
 * Makes another key of this instance, which its processes show from the next heartbeat on. A key that works is given up only with `confirm`.
 * Throws `RenewRefused`, and `ConfigInvalid` where SECRETS_KEY is not known here.
 */
export async function newKey(access: Access, box: SecretBox, confirm: string | undefined, say: (words: string) => void): Promise<void> {
  const plumbing = await openPlumbing('new-key', { ...access, logLevel: 'silent' }, CONTEXTS);
  try {
    const { store, privateStore: db } = plumbing;
    const { instance_id: instanceId } = store.identity;
    const fingerprint = await renewKey({ commands: store.commands, db, box, instanceId, confirm, by: `${userName()} on ${hostname()}` });
    say(`The key of ${instanceId} is ${fingerprint}.`);
    say(`On each peer an admin confirms it: ap infrastructure peers pin <this peer there> --fingerprint ${fingerprint}`);
    say(`On the host of each edge agent: edge-agent pin ${fingerprint}`);
  } finally {
    await plumbing.close();
  }
}

/** The key of secrets at rest: that of the environment, else that of the data directory. Throws `ConfigInvalid`. */
export function secretBoxIn(dataDir: string): SecretBox {
  const file = join(dataDir, 'secrets/secrets-key');
  const made = existsSync(file) ? Buffer.from(readFileSync(file, 'utf8').trim(), 'hex') : undefined;
  return new SecretBox(secretsKeyOf(readConfig(FederationConfig), made));
}

/** In a container the user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.getuid?.()}`;
  }
}
