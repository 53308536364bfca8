/** The schemas of which a backup saves every table. What `rm_*` and `read` hold is built again from the log. */
export const SAVED_SCHEMAS = ['private', 'rollup'] as const;

/**
 * The tables of these schemas, and what an old row means after a restore. A backup saves what the database has; a test compares the database
 * with this list, so that whoever adds a table answers the question.
 */
export const SAVED: Readonly<Record<string, string>> = {
  'private.edge_join_token': 'The hash of a join token. Its facts say whether it is still good.',
  'private.log_identity':
    'The identity of the log, and a mark of each stream. The marks are saved after the log: it may end before them until it is accepted.',
  'private.login_code': 'The hash of a login code. It opens nothing 15 minutes after it was made.',
  'private.peer_secret': 'A sealed secret. It is of use where the secrets-key of the instance is there, and while a fact names it.',
  'private.service_probe': 'What the prober was last told of a service.',
  'private.service_token': 'The hash of a token. A token that was revoked after the backup is there again, and is to be revoked again.',
  'private.session': 'The hash of the cookie of a login. A login that was closed after the backup is open again until it expires.',
  'rollup.agent_latest': 'The latest values of an edge agent, at the time of the backup.',
  'rollup.checkpoint': 'Where each roll-up goes on. A restore sets it back to the end of the restored stream.',
  'rollup.component_latest': 'The latest values of a component, at the time of the backup.',
  'rollup.component_minute': 'Counts of a minute. What was counted after the backup is lost.',
  'rollup.parked': 'A row that an event could not be applied to. Its retry reads the events again, as far as TELEMETRY holds them.',
  'rollup.peer_latest': 'The latest values of a peer, at the time of the backup.',
};

/** The tables that a backup leaves out, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'private.migration': 'The manifest names the migrations, and a restore runs them.',
};
