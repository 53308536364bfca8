import { createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** How long a challenge may be handed back, ms. */
const GOOD_FOR_MS = 60_000;
const FORM = /^(?<until>\d{13})\.[A-Za-z0-9_-]{22}\.(?<mac>[A-Za-z0-9_-]{43})$/;

/** Whose challenge it is, for whom, and the secret between them. */
interface Between {
  readonly secret: string;
  readonly me: string;
  readonly peer: string;
}

/** A challenge that needs no memory: any process of this instance knows its own again. */
export function makeChallenge(between: Between, nowMs: number): string {
  const text = `${nowMs + GOOD_FOR_MS}.${randomBytes(16).toString('base64url')}`;
  return `${text}.${macOf(text, between)}`;
}

/** Whether it was made here, for that peer, within the last minute. */
export function isOwnChallenge(challenge: string, between: Between, nowMs: number): boolean {
  const { until, mac } = FORM.exec(challenge)?.groups ?? {};
  if (until === undefined || mac === undefined || Number(until) < nowMs) return false;
  const text = challenge.slice(0, challenge.lastIndexOf('.'));
  return timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(text, between)));
}

function macOf(text: string, { secret, me, peer }: Between): string {
  const key = Buffer.from(hkdfSync('sha256', secret, [me, peer].sort().join('|'), `cb-fed-challenge-v1|${me}|${peer}`, 32));
  return createHmac('sha256', key).update(text).digest('base64url');
}
