/**
 * Every no that is said before a rule is asked: who calls is not known, may not do this, or cannot be looked up. Public codes like
 * those of `refusals.ts`, with the status of HTTP in place of a kind, since only HTTP has them.
 */
export const problems = {
  'access.login-needed': {
    status: 401,
    title: 'Login needed',
    detail: 'The request carries no token or session that is known, or it was revoked, or it expired.',
    next: 'Send "Authorization: Bearer <service token>", or sign in with the code that `npm run login` prints.',
  },
  'access.code-invalid': {
    status: 401,
    title: 'Login code not valid',
    detail: 'The login code is not known, was used before, or is older than 15 minutes.',
    next: 'Run `npm run login` where the server runs; it prints a new one.',
  },
  'access.csrf': {
    status: 403,
    title: 'X-CSRF-Token missing',
    detail: 'A request that changes something came with a session cookie, but without the X-CSRF-Token of that session.',
    next: 'Read csrf_token from GET session and send it as X-CSRF-Token; with a service token none is needed.',
  },
  'access.denied': {
    status: 403,
    title: 'Not allowed',
    detail: 'This needs the role {needed}; {actor} has the role {role}.',
    next: 'Ask an admin for a token of that role.',
  },
  'access.unavailable': {
    status: 503,
    title: 'Logins cannot be checked',
    detail: 'PostgreSQL does not answer, so this token, session or login code cannot be looked up.',
    next: 'Try again when PostgreSQL is back. A token or session that was in use shortly before still works.',
  },
  'http.429': {
    status: 429,
    title: 'Too many attempts',
    detail: 'Too many login codes from {address} were not valid.',
    next: 'Wait {retry_after_s} s, as Retry-After says, and check the code.',
  },
} as const;
export type ProblemCode = keyof typeof problems;
