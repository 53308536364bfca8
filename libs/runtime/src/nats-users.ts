/**
 * Who may do what on our NATS.
 *
 * - `admin` makes streams and buckets; set-up alone uses it.
 * - `app` publishes what happens, asks, answers, and reads everything. It cannot make, change, purge or delete a stream, nor
 *   delete a message: what is in the journal stays.
 * - `reader` is for other services: it reads the journal and hears announcements, and publishes nothing. It makes consumers and asks after
 *   those whose names it knows; it lists and deletes none.
 *
 * The reader has an account of its own, because permissions alone do not keep it from writing: a server sends an answer to
 * whatever subject the asker names, and `facts.x` as the address of an answer is a message in the journal. Across accounts an
 * answer stays in the account of the asker. One way is left: the messages of a push consumer go where its maker says, as soon as
 * someone subscribes there. So `app` subscribes to no subject of the journal (it reads by consumers); what answers `ask.>` or
 * hears `announce.>` must expect nonsense.
 *
 * A permission cannot hold a consumer's name to a pattern, since a wildcard stands for a whole token, and the server lets whoever knows
 * the name of a consumer change it by a second CREATE. So a name is the right to a consumer: the reader lists none, ours are random
 * (`consumed` in libs/event-store), and the monitor, which tells them, stands behind a random path (`NatsConf.monitorPath`).
 */
export interface NatsUsers {
  readonly admin: string;
  readonly app: string;
  readonly reader: string;
}

const JOURNAL = ['facts.>', 'calls.>', 'telemetry.>'];
const APP_PUBLISHES = [...JOURNAL, 'announce.>', 'ask.>', '$KV.>', '_INBOX.>'];
const APP_NEVER_HEARS = [...JOURNAL, '$KV.>', '$JS.API.>'];

const INFO = ['$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.LIST'];
/** What reads one stream, `*` all: its state, messages (from the leader and direct), consumers whose names the asker knows. */
const reads = (stream: string): string[] => [
  `$JS.API.STREAM.INFO.${stream}`,
  `$JS.API.STREAM.MSG.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}`,
  `$JS.API.DIRECT.GET.${stream}.>`,
  `$JS.API.CONSUMER.CREATE.${stream}`,
  `$JS.API.CONSUMER.CREATE.${stream}.>`,
  `$JS.API.CONSUMER.INFO.${stream}.*`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
  `$JS.ACK.${stream}.>`,
];
const MANAGES_CONSUMERS = ['$JS.API.CONSUMER.NAMES.*', '$JS.API.CONSUMER.DELETE.*.*'];

/** The `accounts` block of the server's configuration. */
export function accounts(passwords: NatsUsers): string {
  const app = [...APP_PUBLISHES, ...INFO, ...reads('*'), ...MANAGES_CONSUMERS, '$JS.FC.>'];
  const reader = [...INFO, ...['FACTS', 'CALLS', 'TELEMETRY'].flatMap(reads)];
  const services = [...INFO, ...reads('*')];
  return `accounts {
  MAIN {
    jetstream: enabled
    users = [
      { user: admin, password: "${passwords.admin}" }
      { user: app, password: "${passwords.app}", permissions {
        publish { allow: ${JSON.stringify(app)} }
        subscribe { deny: ${JSON.stringify(APP_NEVER_HEARS)} }
      } }
    ]
    exports = [
      { stream: "announce.>", accounts: [READERS] }
${services.map((subject) => `      { service: "${subject}", response: stream, accounts: [READERS] }`).join('\n')}
    ]
  }
  READERS {
    users = [
      { user: reader, password: "${passwords.reader}", permissions {
        publish { allow: ${JSON.stringify(reader)} }
        subscribe { allow: ["announce.>", "_INBOX.>"] }
      } }
    ]
    imports = [
      { stream: { account: MAIN, subject: "announce.>" } }
${services.map((subject) => `      { service: { account: MAIN, subject: "${subject}" } }`).join('\n')}
    ]
  }
}
`;
}
