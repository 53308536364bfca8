import { Matches } from 'class-validator';

const TARGET_URL = /^https?:\/\/[^\s/?#@\\\p{Cc}\p{Cs}]{1,2048}\/(?:[^\s?#\\\p{Cc}\p{Cs}]{0,5000}\/)?$/u;

/**
 * The base URL of an agent as `targetUrlOf` writes it: no user, no query, no fragment, and a slash at its end, since what is resolved
 * against it would else lose its last part. Whether it may be reached is asked of the outbound guard at every use.
 */
export const IsTargetUrl = (): PropertyDecorator =>
  Matches(TARGET_URL, { message: '$property must be an http or https URL of host, port and path that ends with a slash' });

/** A card below a base URL, by the paths that A2A gave it over time. People copy the URL of the card as often as that of the agent. */
const CARD = /\.well-known\/agent(?:-card)?\.json\/?$/;

/** `https://agents.example/planner/`: one spelling, as it is later parsed again. The URL of the card itself stands for the one it is below. */
export const targetUrlOf = ({ origin, pathname }: URL): string => {
  const path = pathname.replace(CARD, '');
  return origin + (path.endsWith('/') ? path : `${path}/`);
};
