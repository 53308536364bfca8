import { IsName } from '@app/kernel';

export const LABEL_LENGTH = 253;

/** What operators call an agent; its host name unless they chose one. One line that looks the same wherever it is shown. */
export const IsLabel = (): PropertyDecorator => IsName(LABEL_LENGTH, { trimmed: true });
