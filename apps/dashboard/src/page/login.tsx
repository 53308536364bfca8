import { useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate, useSearch } from '@tanstack/react-router';
import { type FormEvent, useEffect, useEffectEvent, useState } from 'react';
import { openSession } from '../api/commands.js';
import { ProblemError } from '../api/http.js';
import type { Problem } from '../contract.js';
import { returnPath } from '../logic/address.js';
import { Button } from '../parts/button.js';
import { Field, ProblemNote } from '../parts/field.js';
import { Mark } from '../parts/icon.js';

/** A code, or the whole link it came in. */
export function codeIn(text: string): string {
  const at = text.indexOf('code=');
  return (at === -1 ? text : (new URLSearchParams(text.slice(at)).get('code') ?? '')).trim();
}

const USED: Problem = {
  type: 'about:blank',
  title: 'Code invalid',
  status: 401,
  code: 'access.code-invalid',
  detail: 'This link was used or is older than 15 minutes.',
  next: 'Run npm run login for a new one.',
};

/** The link printed at start carries a one-time code behind its `#`, where no server and no log sees it. */
export default function Login() {
  const hash = useLocation({ select: (location) => location.hash });
  const navigate = useNavigate();
  const client = useQueryClient();
  const search = useSearch({ from: '/login' });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [typed, setTyped] = useState('');

  const exchange = async (code: string): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await openSession(code);
      client.clear();
      await navigate({ href: returnPath(search.return), replace: true });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setProblem(error.problem.code === 'access.code-invalid' ? USED : error.problem);
    } finally {
      setBusy(false);
    }
  };

  const follow = useEffectEvent((code: string) => {
    // A code works once: what is in the address bar must not be asked for twice, nor stay there.
    void navigate({ to: '/login', search, hash: '', replace: true });
    void exchange(code);
  });
  useEffect(() => {
    if (hash.includes('code=')) follow(codeIn(hash));
  }, [hash]);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void exchange(codeIn(typed));
  };

  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-[400px] rounded-xl border border-line bg-card p-6 sm:p-8">
        <Mark />
        <h1 className="mt-4 text-lg font-semibold">Log in to Infrastructure</h1>
        <p className="mt-0.5 text-soft">
          Open the link printed by <code className="font-mono text-xs text-ink">npm start</code>, or run{' '}
          <code className="font-mono text-xs text-ink">npm run login</code> in the repository for a new one. It works once, for 15 minutes.
        </p>
        <div aria-live="polite" className="mt-4 grid gap-4">
          {problem !== null && <ProblemNote problem={problem} />}
        </div>
        <form onSubmit={submit} className="mt-4 grid gap-3">
          <Field
            label="One-time code"
            name="code"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            placeholder="cb_login_…"
            hint="Paste the code or the whole link."
            className="font-mono"
          />
          <Button look="primary" type="submit" disabled={busy || typed.trim() === ''} className="h-9">
            {busy ? 'Logging in…' : 'Log in'}
          </Button>
        </form>
      </div>
    </main>
  );
}
