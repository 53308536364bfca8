import { type ComponentProps, useState } from 'react';
import { copyText } from './copy.js';
import { Icon, type IconName } from './icon.js';

const BASE = 'inline-flex items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none disabled:opacity-50';
const LOOKS = {
  primary: 'h-8 px-3 bg-act text-act-ink hover:opacity-90',
  plain: 'h-8 px-3 border border-edge bg-card text-ink hover:bg-hover',
  quiet: 'h-8 px-2.5 text-soft hover:bg-hover hover:text-ink',
  danger: 'h-8 px-3 bg-down text-card hover:opacity-90',
  icon: 'size-8 text-soft hover:bg-hover hover:text-ink',
  small: 'size-7 text-soft hover:bg-chosen hover:text-ink',
} as const;

export type ButtonProps = ComponentProps<'button'> & { look?: keyof typeof LOOKS };

export const Button = ({ look = 'plain', className = '', type = 'button', ...rest }: ButtonProps) => (
  <button type={type} className={`${BASE} ${LOOKS[look]} ${className}`} {...rest} />
);

/** An icon that needs its name said: in the tip, and to those who do not see it. */
export const IconButton = ({
  icon,
  label,
  hint,
  look = 'icon',
  ...rest
}: ButtonProps & { icon: IconName; label: string; hint?: string }) => (
  <Button look={look} aria-label={label} data-tip={hint === undefined ? label : `${label}  ${hint}`} {...rest}>
    <Icon name={icon} />
  </Button>
);

/** Copies, and says that it did. */
export const CopyButton = ({ text, label = 'Copy', onCopied }: { text: string; label?: string; onCopied?: () => void }) => {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    if (!(await copyText(text))) return;
    setCopied(true);
    onCopied?.();
  };
  return (
    <Button look="plain" onClick={() => void copy()}>
      <Icon name={copied ? 'check' : 'copy'} />
      {copied ? 'Copied' : label}
    </Button>
  );
};
