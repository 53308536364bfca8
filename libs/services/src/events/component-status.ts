/** What a component can be found to be; `unknown`: nobody could look. The health of each word is in the kernel. */
export const COMPONENT_STATUSES = ['green', 'amber', 'red', 'recovering', 'unknown'] as const;
export type ComponentStatus = (typeof COMPONENT_STATUSES)[number];
