import { Injectable } from '@nestjs/common';

/**
 * Nonces of requests of ours that wait for their answer. One that arrives here says that the address it was sent to leads back to this
 * instance; an old one that somebody sends here says nothing.
 */
@Injectable()
export class OwnRequests {
  private readonly cameBack = new Map<string, boolean>();

  begin(nonce: string): void {
    this.cameBack.set(nonce, false);
  }

  arrived(nonce: string): void {
    if (this.cameBack.has(nonce)) this.cameBack.set(nonce, true);
  }

  /** Whether it arrived here meanwhile. */
  end(nonce: string): boolean {
    const isBack = this.cameBack.get(nonce) === true;
    this.cameBack.delete(nonce);
    return isBack;
  }
}
