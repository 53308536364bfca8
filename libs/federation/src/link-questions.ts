import { IsId, IsText } from '@app/kernel';

/** What the API asks of the process that speaks with peers. */
export const TEST_LINK = 'federation.test-link';
export const TEST_PEER = 'federation.test-peer';
export const RETRY_PEER = 'federation.retry-peer';

/** A link that is not saved. */
export class LinkToTest {
  @IsText(2048) url: string;

  @IsId() remote_peer_id: string;

  /** By a `SecretBox`, under the name of the question. */
  @IsText(4096) sealed_secret: string;
}

export class PeerToTry {
  @IsId() peer_id: string;
}
