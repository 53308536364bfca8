import type { Command } from 'commander';
import type { Grammar } from '../grammar.js';

const actions = () => import('./profile.js');

/** `ap profile ...` */
export function defineProfile(program: Command, grammar: Grammar): void {
  const profile = grammar.group(program, 'profile', 'Stored logins, one for each instance', 'ap profile list');
  grammar.leaf(
    profile,
    { usage: 'list', does: 'List the stored logins', examples: ['ap profile list'] },
    async () => (await actions()).listProfiles,
  );
  grammar.leaf(
    profile,
    { usage: 'use <name>', does: 'Use this login from now on', examples: ['ap profile use berlin'] },
    async () => (await actions()).useProfile,
  );
  grammar.leaf(
    profile,
    {
      usage: 'remove <name>',
      does: 'Forget a login and leave its token valid (ap auth logout ends it)',
      examples: ['ap profile remove berlin'],
    },
    async () => (await actions()).removeProfile,
  );
}
