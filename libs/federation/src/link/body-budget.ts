/** For the bodies of all requests at once that nobody has been shown to have signed: 64 of the longest. */
export const UNPROVEN_BYTES = 64 * 1024 * 1024;

/** Memory that strangers may fill, in bytes: full is full, however many they are. */
export class BodyBudget {
  private leftBytes: number;

  constructor(maxBytes: number) {
    this.leftBytes = maxBytes;
  }

  /** Of one body. */
  share(): BodyShare {
    let takenBytes = 0;
    const take = (bytes: number): boolean => {
      if (bytes > this.leftBytes) return false;
      this.leftBytes -= bytes;
      takenBytes += bytes;
      return true;
    };
    const release = (): void => {
      this.leftBytes += takenBytes;
      takenBytes = 0;
    };
    return { take, release };
  }
}

export interface BodyShare {
  /** Whether there was room for so many bytes more; if not, none are taken. */
  take(bytes: number): boolean;
  /** Gives back all that was taken: the body is proven, or gone. */
  release(): void;
}
