/**
 * Who may do what on our NATS.
 *
 * - `admin` makes streams and buckets; set-up alone uses it.
 * - `app` publishes what happens, asks, answers, and reads everything. It cannot make, change, purge or delete a stream, nor
 *   delete a message: what is in the log stays.
 * - `reader` is for other services: it reads the journal and hears announcements, and publishes nothing.
 */
export interface NatsUsers {
  readonly admin: string;
  readonly app: string;
  readonly reader: string;
}

export const READER_INBOX = '_INBOX_reader';

const INFO = ['$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.LIST'];
/** What reads one stream, `*` all: state, messages (leader and direct), consumers of any kind; and their acks and flow control. */
const reads = (stream: string): string[] => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}.>`,
  `$JS.API.CONSUMER.CREATE.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
  `$JS.API.CONSUMER.NAMES.${stream}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
  `$JS.API.CONSUMER.DELETE.${stream}.*`,
];
const CONFIRM = ['$JS.ACK.>', '$JS.FC.>'];

const APP_PUBLISHES = ['facts.>', 'calls.>', 'telemetry.>', 'public.>', 'announce.>', 'ask.>', '$KV.>', '_INBOX.>'];

/** Streams of call months that may exist while the server runs: kept for 13 months, and it may run for a year. */
export function callStreams(now: Date): string[] {
  return Array.from({ length: 14 + 12 }, (_, i) => {
    const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 13 + i));
    return `CALLS_${month.toISOString().slice(0, 7).replace('-', '')}`;
  });
}

/** The `authorization` block of the server's configuration. */
export function authorization(passwords: NatsUsers, now: Date): string {
  const app = [...APP_PUBLISHES, ...INFO, ...reads('*'), ...CONFIRM];
  const reader = [...INFO, ...['FACTS', 'TELEMETRY', 'PUBLIC', ...callStreams(now)].flatMap(reads), ...CONFIRM];
  const heard = ['announce.>', `${READER_INBOX}.>`];
  return `authorization {
  users = [
    { user: admin, password: "${passwords.admin}" }
    { user: app, password: "${passwords.app}", permissions { publish { allow: ${JSON.stringify(app)} } } }
    { user: reader, password: "${passwords.reader}", permissions {
      publish { allow: ${JSON.stringify(reader)} }
      subscribe { allow: ${JSON.stringify(heard)} }
    } }
  ]
}
`;
}
