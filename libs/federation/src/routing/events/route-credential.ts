import { IsInt, Matches, Min } from 'class-validator';
import { IsId } from '@app/kernel';
import { IsFingerprint } from '../../peers/events/secret-fingerprint.js';

/** A name that HTTP allows for a header field; which of them a rule may set is checked where the rule is written. */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;

/** The credential that calls by a rule are sent with: which one it is, and in which header. The value is in a private row, sealed. */
export class RouteCredential {
  @IsId() readonly credential_id: string;

  @Matches(HEADER_NAME, { message: '$property must be the name of a header' }) readonly header: string;

  /** 1, and one more with each value that replaces it. */
  @IsInt() @Min(1) readonly version: number;

  /** The same for the same value, so that operators can compare without showing it. */
  @IsFingerprint() readonly fingerprint: string;
}
