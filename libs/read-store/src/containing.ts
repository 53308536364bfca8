/** A pattern of ILIKE that means its text, not what % and _ mean there. */
export const containing = (text: string): string => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
