import { IsName } from '@app/kernel';

/** What operators call a peer. One line that looks the same wherever it is shown. */
export const IsLabel = (): PropertyDecorator => IsName(100, { trimmed: true });
