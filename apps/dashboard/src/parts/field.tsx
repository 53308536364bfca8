import { type ComponentProps, type ReactNode, useId } from 'react';
import { Icon } from './icon.js';
import type { Problem } from '../contract.js';
import { commandsIn, said } from '../logic/said.js';

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
  const said = trouble ?? hint;
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
        aria-describedby={said === undefined ? undefined : note}
        className={`${INPUT} ${className}`}
        {...rest}
      />
      {said !== undefined && (
        <p id={note} className={`text-xs ${trouble === undefined ? 'text-faint' : 'text-down'}`}>
          {said}
        </p>
      )}
    </div>
  );
};

interface SelectProps extends Omit<ComponentProps<'select'>, 'id'> {
  label: string;
  /** Said, not shown: where its value tells what it is. */
  labelHidden?: boolean;
  small?: boolean;
  hint?: ReactNode;
}

/** A labelled choice of one; the browser's own, which every keyboard and telephone knows. */
export const Select = ({ label, labelHidden = false, small = false, hint, children, ...rest }: SelectProps) => {
  const id = useId();
  return (
    <div className="grid min-w-0 gap-1">
      <label htmlFor={id} className={labelHidden ? 'sr-only' : 'font-medium'}>
        {label}
      </label>
      <select
        id={id}
        aria-describedby={hint === undefined ? undefined : `${id}-note`}
        className={`w-full min-w-0 rounded-md border border-edge bg-card text-ink hover:border-faint ${small ? 'h-7 px-1.5' : 'h-9 px-2 text-base'}`}
        {...rest}
      >
        {children}
      </select>
      {hint !== undefined && (
        <p id={`${id}-note`} className="text-xs text-faint">
          {hint}
        </p>
      )}
    </div>
  );
};

/** One of a few, side by side. */
export function Choices<T extends string | number | null>({
  legend,
  name,
  options,
  chosen,
  onChoose,
}: {
  legend: string;
  name: string;
  options: readonly { readonly value: T; readonly name: ReactNode }[];
  chosen: T;
  onChoose: (value: T) => void;
}) {
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{legend}</legend>
      <div className="flex flex-wrap gap-1">
        {options.map((option) => (
          <label
            key={String(option.value)}
            className="flex h-9 items-center gap-1.5 rounded-md border border-edge px-3 text-soft has-checked:border-ink has-checked:font-medium has-checked:text-ink has-focus-visible:outline-2 has-focus-visible:outline-accent"
          >
            <input type="radio" name={name} className="sr-only" checked={chosen === option.value} onChange={() => onChoose(option.value)} />
            {option.name}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const WithCommands = ({ children }: { children: string }) =>
  commandsIn(children).map(({ text, isCommand }, index) =>
    isCommand ? (
      <code key={index} className="font-mono text-xs whitespace-nowrap text-ink">
        {text}
      </code>
    ) : (
      text
    ),
  );

/** A problem that belongs to no field: what happened, what to do, and the code to ask about. */
export const ProblemNote = ({ problem }: { problem: Problem }) => (
  <div role="alert" className="flex gap-2.5 rounded-md bg-down-wash px-3 py-2.5">
    <Icon name="alert" className="mt-0.5 text-down" />
    <div className="min-w-0">
      <p className="font-medium">{said(problem.detail)}</p>
      <p className="text-soft">
        <WithCommands>{problem.next}</WithCommands> <span className="font-mono text-xs whitespace-nowrap">{problem.code}</span>
      </p>
    </div>
  </div>
);
