/** A backup or a restore that cannot be made. `message` is a sentence that says why, `next` one that says what to do. */
export class BackupRefused extends Error {
  constructor(
    readonly code:
      | 'backup.not-running'
      | 'backup.directory-not-empty'
      | 'backup.directory-unusable'
      | 'backup.no-key'
      | 'backup.not-set-up'
      | 'backup.interrupted'
      | 'restore.no-backup'
      | 'restore.damaged'
      | 'restore.newer-release'
      | 'restore.not-empty',
    message: string,
    readonly next: string,
  ) {
    super(message);
  }
}

/** The reason of a command that is told to stop. */
export const interrupted = (what: 'backup' | 'restore'): BackupRefused =>
  new BackupRefused('backup.interrupted', `The ${what} was interrupted. What it had written is removed.`, 'Run it again.');
