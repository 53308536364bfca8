import type { Command } from 'commander';
import { ROLES, TOKEN_ROLES } from '../contract.js';
import { type Grammar, durationOption, expiry, limit, option } from '../grammar.js';
import { bindings } from './bind.js';

const MAX_OVERLAP_MS = 86_400_000;

const actions = () => import('./auth.js');
const tokenActions = () => import('./tokens.js');

/** `ap auth ...` */
export function defineAuth(program: Command, grammar: Grammar): void {
  const auth = grammar.group(program, 'auth', 'Log in and out, and manage service tokens', 'ap auth whoami');
  grammar.leaf(
    auth,
    {
      usage: 'login',
      does: 'Log in with a one-time link or code, or with a service token, from a prompt or standard input',
      examples: [
        'ap auth login',
        'npm run --silent login | ap auth login',
        'ap auth login --profile berlin --url https://berlin.example < token.txt',
      ],
      options: [option('--role <role>', 'role of the token a code is changed into (default: that of the code)').choices(ROLES), expiry()],
    },
    async () => (await actions()).login,
  );
  grammar.leaf(
    auth,
    { usage: 'logout', does: 'Forget the stored login and end its token', examples: ['ap auth logout'] },
    async () => (await actions()).logout,
  );
  grammar.leaf(
    auth,
    { usage: 'whoami', does: 'Show as whom ap speaks, and to which instance', examples: ['ap auth whoami -o json'] },
    async () => (await actions()).whoami,
  );
  defineTokens(grammar.group(auth, 'token', 'Service tokens, for programs', 'ap auth token list'), grammar);
}

function defineTokens(token: Command, grammar: Grammar): void {
  grammar.leaf(
    token,
    {
      usage: 'create <name>',
      does: 'Make a service token; it is shown once',
      takes: 'A token of the role caller makes A2A calls, those that one of its bindings covers, and does nothing else',
      examples: [
        'ap auth token create ci --role viewer --expires-in-days 30',
        'ap auth token create travel --role caller --bind lisbon-2/planner',
        "ap auth token create reports --role caller --bind lisbon-2/planner/read --bind '*/archive/read'",
      ],
      options: [option('--role <role>', 'what it may do').choices(TOKEN_ROLES).default('viewer'), bindings(), expiry()],
    },
    async () => (await tokenActions()).createToken,
  );
  grammar.leaf(
    token,
    { usage: 'list', does: 'List the service tokens; their text is kept nowhere', examples: ['ap auth token list'], options: [limit()] },
    async () => (await tokenActions()).listTokens,
  );
  grammar.leaf(
    token,
    {
      usage: 'revoke <token_id>',
      does: 'End a service token at once',
      examples: ['ap auth token revoke 7c9e6679-7425-5de5-944b-e07fc1f90ae7'],
    },
    async () => (await tokenActions()).revokeToken,
  );
  grammar.leaf(
    token,
    {
      usage: 'rotate <token_id>',
      does: 'Have a new service token take the place of another; it is shown once',
      takes: 'The new one has the name, the role, the bindings and the caller of the old one, which ends at once or after --overlap',
      examples: [
        'ap auth token rotate 7c9e6679-7425-5de5-944b-e07fc1f90ae7',
        'ap auth token rotate 7c9e6679-7425-5de5-944b-e07fc1f90ae7 --overlap 24h',
      ],
      options: [
        durationOption('--overlap <duration>', 'how long the old token still works (default: it ends at once)', MAX_OVERLAP_MS, '24h'),
      ],
    },
    async () => (await tokenActions()).rotateToken,
  );
  grammar.leaf(
    token,
    {
      usage: 'release [token_id]',
      does: 'Give back to a service token what an accept of the log holds; without an id, list what is held',
      examples: ['ap auth token release 7c9e6679-7425-5de5-944b-e07fc1f90ae7', 'ap auth token release --all --confirm=3'],
      options: [option('--all', 'all that are held'), option('--confirm <number>', 'with --all: how many that are, as the list says')],
    },
    async () => (await import('./release.js')).releaseToken,
  );
}
