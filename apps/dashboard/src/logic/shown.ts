import { visibleText } from '../../../../libs/kernel/src/plain-text.js';

/** Whether JSON may hold text to be changed: any control, format or surrogate character, as it is or as an escape. */
const SUSPICIOUS = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|\\u/u;

/**
 * The only way by which what the API says comes in. Labels, host names, notes and the words of gateways and peers are text of others: each
 * character of theirs that cannot be seen becomes its code here, so that no place of the page can forget it.
 */
export const parseShown = <T>(text: string): T => {
  const value = JSON.parse(text) as unknown;
  return (SUSPICIOUS.test(text) ? shown(value) : value) as T;
};

function shown(value: unknown): unknown {
  if (typeof value === 'string') return visibleText(value);
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [visibleText(name), shown(held)]));
}
