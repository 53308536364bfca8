type Env = Readonly<Record<string, string | undefined>>;

const COMMAND = /(?<!npx --no-install )\bap (?=(?:auth|infra(?:structure)?|profile)\b)/g;

/**
 * Words with the commands in them as they are typed here: whoever came by npx or an npm script has no `ap` on the PATH, and a bare
 * `npx ap` may fetch a stranger's package.
 */
export const asCalled = (words: string, env: Env): string =>
  env['npm_command'] === undefined ? words : words.replace(COMMAND, 'npx --no-install ap ');
