import { Mark } from '../parts/icon.js';

export default function NotFound() {
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="max-w-sm text-center">
        <Mark className="mx-auto mb-4" />
        <h1 className="text-lg font-semibold">There is no such page</h1>
        <p className="mt-1 text-soft">
          Everything there is to see is on{' '}
          <a href="/infrastructure" className="font-medium text-accent underline underline-offset-2">
            Infrastructure
          </a>
          .
        </p>
      </div>
    </main>
  );
}
