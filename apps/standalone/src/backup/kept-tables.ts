/** The schemas of which a backup saves every table. What `rm_*` and `read` hold is built again from the log. */
export const SAVED_SCHEMAS = ['private', 'rollup'] as const;

/**
 * The tables of these schemas, and what an old row means after a restore. A backup saves what the database has; a test compares the database
 * with this list, so that whoever adds a table answers the question.
 */
export const SAVED: Readonly<Record<string, string>> = {
  'private.edge_join_token': 'The hash of a join token. The accept of the restored log removes it.',
  'private.instance_key':
    'The private half of the instance key, sealed. It is of use where the secrets-key of the instance is there, and while a fact names it.',
  'private.log_identity':
    'The identity of the log, and a mark of each stream, as of the backup. A restore closes FACTS and CALLS until they are accepted.',
  'private.login_code': 'The hash of a login code. The accept of the restored log removes it.',
  'private.owed_revocation': 'A token whose row is gone and whose revocation the log had not taken. The job appends it after the accept.',
  'private.peer_secret': 'A sealed secret. It is of use where the secrets-key of the instance is there, and while a fact names it.',
  'private.route_credential':
    'A sealed credential of a routing rule. It is of use where the secrets-key of the instance is there, and while a fact names it.',
  'private.service_probe': 'What the prober was last told of a service.',
  'private.service_token':
    'The hash of a token, and which calls it may make. A token that was revoked or rotated after the backup is good again; the accept lists it, to be revoked again.',
  'private.session': 'The hash of the cookie of a login. The accept of the restored log removes it: everybody logs in again.',
  'rollup.agent_rejections': 'Rejected handshakes of edge agents, as of the backup.',
  'rollup.agent_evaluated':
    'The latest evaluation of an edge agent, at the time of the backup. It counts while the fact that it details is the last one.',
  'rollup.agent_latest': 'The latest values of an edge agent, at the time of the backup.',
  'rollup.checkpoint': 'Where each roll-up goes on. A restore sets it back to the end of the restored stream.',
  'rollup.component_evaluated':
    'The latest evaluation of a component, at the time of the backup. It counts while the fact that it details is the last one.',
  'rollup.component_latest': 'The latest values of a component, at the time of the backup.',
  'rollup.component_minute': 'Counts of a minute. What was counted after the backup is lost.',
  'rollup.parked': 'A row that an event could not be applied to. Its retry reads the events again, as far as TELEMETRY holds them.',
  'rollup.peer_evaluated':
    'The latest evaluation of a peer, at the time of the backup. It counts while the fact that it details is the last one.',
  'rollup.peer_latest': 'The latest values of a peer, at the time of the backup.',
};

/** The tables that a backup leaves out, and why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'private.migration': 'The manifest names the migrations, and a restore runs them.',
};
