/** Instances that ask here, are not registered, and are refused. Not authenticated: anybody can say to be any instance. */
export interface StrangersObservation {
  readonly total: number;
  /** Those who came last. Both names have the form of one; `since` and `last_at` are instants. */
  readonly latest: readonly { readonly instance_id: string; readonly key_id: string; readonly since: string; readonly last_at: string }[];
}

/** Whom the process that speaks with peers refused lately. */
export abstract class StrangersSource {
  /** null: that process does not answer. */
  abstract lately(): Promise<StrangersObservation | null>;
}
