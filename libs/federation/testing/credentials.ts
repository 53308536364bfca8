import type { RouteCredentials } from '../src/routing/private/route-credentials.provider.js';

/** The table of credentials, in memory. */
export class CredentialTable implements Pick<RouteCredentials, 'keep' | 'forget' | 'forgetOf' | 'keptBefore'> {
  readonly rows = new Map<string, { readonly rule_id: string; readonly target: string; readonly value: string }>();
  private kept = 0;

  async keep(rule_id: string, target: string, value: string): Promise<{ credential_id: string; fingerprint: string }> {
    const credential_id = `cred-${++this.kept}`;
    this.rows.set(credential_id, { rule_id, target, value });
    return { credential_id, fingerprint: '3f2a-91bc-04de-77a1' };
  }

  async forget(credentialId: string): Promise<void> {
    this.rows.delete(credentialId);
  }

  async forgetOf(ruleId: string): Promise<void> {
    for (const [id, { rule_id }] of this.rows) if (rule_id === ruleId) this.rows.delete(id);
  }

  async keptBefore(_before: string, after: string, limit: number): Promise<{ credential_id: string; rule_id: string }[]> {
    const rows = [...this.rows].map(([credential_id, { rule_id }]) => ({ credential_id, rule_id }));
    return rows
      .filter(({ credential_id }) => credential_id > after)
      .sort((a, b) => (a.credential_id < b.credential_id ? -1 : 1))
      .slice(0, limit);
  }
}
