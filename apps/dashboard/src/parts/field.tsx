import { type ComponentProps, type ReactNode, useId } from 'react';
import { Icon } from './icon.js';
import type { Problem } from '../contract.js';

const INPUT =
  'h-9 w-full rounded-md border bg-card px-2.5 text-base text-ink outline-offset-0 aria-invalid:border-down border-edge hover:border-faint';

interface FieldProps extends Omit<ComponentProps<'input'>, 'id'> {
  label: string;
  hint?: ReactNode;
  trouble?: string | undefined;
}

/** A labelled input; what is wrong with it stands under it and is read with it. */
export const Field = ({ label, hint, trouble, className = '', ...rest }: FieldProps) => {
  const id = useId();
  const note = `${id}-note`;
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      <input
        id={id}
        autoComplete="off"
        spellCheck={false}
        aria-invalid={trouble !== undefined}
        aria-describedby={trouble !== undefined || hint !== undefined ? note : undefined}
        className={`${INPUT} ${className}`}
        {...rest}
      />
      <p id={note} className={`text-xs ${trouble === undefined ? 'text-faint' : 'text-down'}`}>
        {trouble ?? hint}
      </p>
    </div>
  );
};

/** A problem that belongs to no field: what happened, what to do, and the code to ask about. */
export const ProblemNote = ({ problem }: { problem: Problem }) => (
  <div role="alert" className="flex gap-2.5 rounded-md bg-down-wash px-3 py-2.5">
    <Icon name="alert" className="mt-0.5 text-down" />
    <div className="min-w-0">
      <p className="font-medium">{problem.detail}</p>
      <p className="text-soft">
        {problem.next} <span className="font-mono text-xs whitespace-nowrap">{problem.code}</span>
      </p>
    </div>
  </div>
);
