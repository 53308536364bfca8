import { Matches } from 'class-validator';
import { plainText } from '@app/kernel';

/** How long a method may be, and how long whatever else of a call the two ends make up. */
export const METHOD_LENGTH = 64;
export const REF_LENGTH = 256;

const METHOD = /^[^\p{Cc}\p{Cs}]{1,64}$/u;
const REF = /^[^\p{Cc}\p{Cs}]{1,256}$/u;

/** The name of a method, as the caller wrote it; see `callText`. */
export const IsMethod = (): PropertyDecorator =>
  Matches(METHOD, { message: '$property must be 1 to 64 characters, none of them a control' });

/** An id that one of the two ends made up, as it wrote it; see `callText`. */
export const IsRef = (): PropertyDecorator => Matches(REF, { message: '$property must be 1 to 256 characters, none of them a control' });

const TRACE_ID = /^[0-9a-f]{32}$/u;

/** The trace id of W3C trace context. */
export const IsTraceId = (): PropertyDecorator => Matches(TRACE_ID, { message: '$property must be 32 hex digits' });

/** What somebody else wrote, as a record may hold it; null: there is nothing to hold. */
export const callText = (text: string | null, length: number): string | null =>
  text === null || text === '' ? null : plainText(text, length);
