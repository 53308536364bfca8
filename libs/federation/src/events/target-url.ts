import { Matches } from 'class-validator';

const TARGET_URL = /^https?:\/\/[^\s/?#@\\]{1,255}\/(?:[^\s?#\\]{0,1700}\/)?$/u;

/** Where an agent's card is found, below `.well-known/`: ends with a slash, since what is resolved against it would else lose its end. */
export const IsTargetUrl = (): PropertyDecorator =>
  Matches(TARGET_URL, { message: '$property must be an http or https URL of host, port and path that ends with a slash' });
