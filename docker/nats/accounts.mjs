// Prints docker/nats/accounts.conf: who may do what on NATS, as the code says it, with passwords from a secret. After a change there:
// `./node_modules/.bin/node docker/nats/accounts.mjs > docker/nats/accounts.conf`; test/docker demands that the two are the same.
import { accounts } from '../../libs/runtime/src/nats-users.ts';

const passwordOf = (user) => `@${user}@`;
const block = accounts({ admin: passwordOf('ADMIN'), app: passwordOf('APP'), reader: passwordOf('READER') });

process.stdout
  .write(`# Written by docker/nats/accounts.mjs. The passwords are the variables of the included file, docker/secrets.sh makes it.
include ../../run/secrets/nats-passwords.conf
${block.replace(/"@([A-Z]+)@"/g, '$$$1_PASSWORD')}`);
