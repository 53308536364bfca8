/** For the bodies of all requests at once that nobody has been shown to have signed: 64 of the longest. */
export const UNPROVEN_BYTES = 64 * 1024 * 1024;
/** The part of that for those from one network: more than the requests of a busy peer are, and no stranger alone shuts the others out. */
export const UNPROVEN_BYTES_OF_ONE = UNPROVEN_BYTES / 4;

/** Memory that strangers may fill, in bytes: full is full, however many they are, and each fills no more than a part. */
export class BodyBudget {
  private readonly takenBy = new Map<string, number>();

  constructor(
    private leftBytes: number,
    private readonly maxBytesOfOne: number,
  ) {}

  /** Of one body, sent from `network`; without one nothing but the whole is its bound. */
  share(network?: string): BodyShare {
    let takenBytes = 0;
    const take = (bytes: number): boolean => {
      if (bytes > this.leftBytes || bytes > this.leftTo(network)) return false;
      this.count(network, bytes);
      takenBytes += bytes;
      return true;
    };
    const release = (): void => {
      this.count(network, -takenBytes);
      takenBytes = 0;
    };
    return { take, release };
  }

  private leftTo(network: string | undefined): number {
    return network === undefined ? this.leftBytes : this.maxBytesOfOne - (this.takenBy.get(network) ?? 0);
  }

  private count(network: string | undefined, bytes: number): void {
    this.leftBytes -= bytes;
    if (network === undefined) return;
    const taken = (this.takenBy.get(network) ?? 0) + bytes;
    if (taken === 0) this.takenBy.delete(network);
    else this.takenBy.set(network, taken);
  }
}

export interface BodyShare {
  /** Whether there was room for so many bytes more; if not, none are taken. */
  take(bytes: number): boolean;
  /** Gives back all that was taken: the body is proven, or gone. */
  release(): void;
}
