import { Matches } from 'class-validator';

const PATTERN = /^[A-Za-z0-9.*_-]{1,253}$/u;

/** Which hosts: `edge-*.berlin.example`, where `*` stands for any characters. */
export const IsHostnamePattern = (): PropertyDecorator =>
  Matches(PATTERN, { message: '$property must be a host name of 1 to 253 characters, in which * stands for any' });
