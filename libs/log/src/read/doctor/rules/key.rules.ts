import type { KeyObservation } from '../../../key-look.js';
import { type Finding, fail, ok, warn } from '../examination.js';

const ANEW =
  'Put the row back from a backup. Where there is none, run on the host: npm run log -- new-key. Then each peer confirms the new key: ' +
  'ap infrastructure peers pin <peer> --fingerprint <fingerprint>.';

export function keyRule({ state, fingerprint }: KeyObservation): Finding {
  switch (state) {
    case 'ready':
      return ok(`The key of this instance is ${fingerprint}. Its peers and edge agents know this instance by it.`);
    case 'missing':
      return fail(`The private half of the instance key ${fingerprint} is lost: private.instance_key does not hold it.`, ANEW);
    case 'sealed':
      return fail(
        `The private half of the instance key ${fingerprint} is lost: SECRETS_KEY does not open its row in private.instance_key.`,
        'Start the processes with the SECRETS_KEY of before. Where it is lost, run on the host: npm run log -- new-key. Then each peer ' +
          'confirms the new key: ap infrastructure peers pin <peer> --fingerprint <fingerprint>.',
      );
    case 'unmade':
      return warn(
        'This instance has no key yet.',
        'Start the federation process, which makes it. If it runs, its log says why it did not.',
      );
    case 'unread':
      return warn(
        'It is not known yet which key this instance has.',
        'Run the doctor again. If it stays so, read the log of this process.',
      );
  }
}
