import { DomainEvent, IsId, IsText } from '@app/kernel';
import { IsKeyFingerprint, IsPublicKey } from './public-key.js';

/**
 * The key of this instance was made: an Ed25519 key by which others can tell this instance from one that has a copy of its log. Its private
 * half is sealed in `private.instance_key`, and in no fact.
 *
 * Emitted by  write/make-instance-key: by the federation process at its first start, and by `npm run log -- new-key` on the host.
 * Invariant   the last one of an instance is its key. A second one was made by an operator: no process makes one by itself.
 */
@DomainEvent
export class InstanceKeyMade {
  static readonly kind = 'fact';
  static readonly type = 'federation.instance-key.made';
  static readonly version = 1;
  static readonly past = {};
  static readonly example: InstanceKeyMade = {
    instance_id: 'inst-7f3q',
    key_id: 'key-01kb4x3m9v2e7xqh5rgd0t8ynw',
    public_key: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
    key_fingerprint: '21fe-31df-a154-a261-626b-f854-046f-d227',
    reason: 'first start',
  };
  static readonly streamId = (data: InstanceKeyMade): string => data.instance_id;

  @IsId() readonly instance_id: string;

  /** The row in `private.instance_key` with the private half. */
  @IsId() readonly key_id: string;

  @IsPublicKey() readonly public_key: string;

  @IsKeyFingerprint() readonly key_fingerprint: string;

  /** Why it was made. */
  @IsText(200) readonly reason: string;
}
