/** Who this instance is: made once with the log, and kept in the metadata of its FACTS stream. */
export abstract class InstanceIdentity {
  /** What peers know this instance by. */
  abstract readonly instance_id: string;
  /** Which log positions are positions in. Another log, even under the same name, has another. */
  abstract readonly incarnation: string;
}
