/** A disk whose free space this process can see. */
export interface DiskSpace {
  /** `DATA_DIR` */
  readonly name: string;
  readonly freeBytes: number;
}

/** The disks of the servers, as far as this process can look at them. */
export abstract class Disks {
  /** Throws what the operating system says. */
  abstract spaces(): Promise<readonly DiskSpace[]>;
}
