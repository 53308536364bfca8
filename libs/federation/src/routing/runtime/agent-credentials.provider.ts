import { Injectable, Logger } from '@nestjs/common';
import type { PlainHeaders } from '@app/a2a';
import { RouteCredentials } from '../private/route-credentials.provider.js';
import type { RouteDecision } from '../routing.js';
import { originOf } from '../same-origin.js';
import { RoutingTable } from './routing-table.provider.js';

type Led = Pick<RouteDecision, 'target_url' | 'credential' | 'rule_id'>;

/**
 * The credentials that calls to agents of ours are sent with, opened and in memory while a rule names them: calls go on while PostgreSQL is
 * down. A value is in no log and no error.
 */
@Injectable()
export class AgentCredentials {
  private readonly log = new Logger('federation.credentials');
  private readonly opened = new Map<string, { readonly credentialId: string; readonly value: Promise<string | null> }>();

  constructor(
    private readonly vault: RouteCredentials,
    routes: RoutingTable,
  ) {
    routes.onChange(() => this.prune(routes.credentialIds));
  }

  /** The header for a request to the target of a rule, none for a rule without a credential; null: it cannot be read now. */
  async headerFor({ target_url, credential, rule_id }: Led): Promise<PlainHeaders | null> {
    if (credential === null || target_url === null) return {};
    try {
      const value = await this.valueOf(credential.credential_id, target_url);
      if (value !== null) return { [credential.header.toLowerCase()]: value };
      this.log.error(`The credential of rule ${rule_id} is not in the database. Give it again: ap infrastructure routes edit ${rule_id}`);
    } catch (error) {
      this.log.error(`Cannot read the credential of rule ${rule_id}, so calls by it fail: ${String(error)}`);
    }
    return null;
  }

  private async valueOf(credentialId: string, targetUrl: string): Promise<string | null> {
    const key = `${credentialId} ${originOf(targetUrl)}`;
    const known = this.opened.get(key);
    if (known !== undefined) return known.value;
    const value = this.vault.reveal(credentialId, targetUrl);
    this.opened.set(key, { credentialId, value });
    const isKept = await value.then((each) => each !== null).catch(() => false);
    if (!isKept) this.opened.delete(key); // It may yet come.
    return value;
  }

  private prune(named: ReadonlySet<string>): void {
    for (const [key, { credentialId }] of this.opened) if (!named.has(credentialId)) this.opened.delete(key);
  }
}
