import { ApiProperty } from '@nestjs/swagger';
import { IsInt, Matches, Max, MaxLength, Min } from 'class-validator';
import { IsGiven } from '@app/kernel';

/**
 * Header names that a credential may not have: those of the connection and of the body, of cookies and of proxies, our own, and those that a
 * caller's request sets.
 */
const REFUSED = [
  ...['host', 'content-[^]*', 'transfer-encoding', 'connection', 'proxy-connection', 'keep-alive', 'upgrade', 'te', 'trailer', 'expect'],
  ...['cookie2?', 'set-cookie2?', 'forwarded', 'x-forwarded-[^]*', 'via', 'x-cb-[^]*', 'a2a-[^]*', 'x-a2a-[^]*'],
  ...['traceparent', 'tracestate', 'accept', 'accept-encoding', 'date', 'range', 'if-[^]*'],
];
const HEADER = new RegExp(`^(?!(?:${REFUSED.join('|')})$)[!#$%&'*+.^_\`|~0-9a-z-]{1,64}$`, 'i');
/** What HTTP can carry without a question of encoding: visible ASCII, with blanks and tabs inside. */
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;
const MAX_VALUE = 4096;

/** The credential that an agent of ours asks for. */
export class CredentialInput {
  @ApiProperty({
    required: false,
    maxLength: 64,
    description:
      'The header it is sent in: Authorization unless named; an edit leaves it as it is. Not Host, Cookie or another that HTTP, a proxy or A2A sets',
  })
  @IsGiven()
  @Matches(HEADER, { message: '$property must be the name of a header that HTTP, proxies and A2A do not set themselves' })
  readonly header?: string;

  @ApiProperty({
    writeOnly: true,
    minLength: 1,
    maxLength: MAX_VALUE,
    description: 'The whole value of the header, such as Bearer and a token: visible ASCII. It is sealed, and no answer shows it',
  })
  @MaxLength(MAX_VALUE, { message: `$property must have at most ${MAX_VALUE} characters` })
  @Matches(VALUE, { message: '$property must be visible ASCII characters, without line breaks and without blanks at its ends' })
  readonly value: string;
}

export const headerOf = ({ header }: CredentialInput): string => header ?? 'Authorization';

/** What a rule lets through; what is left out stays as it is, or is the default of a new rule. */
export class LimitsInput {
  @ApiProperty({ type: 'integer', required: false, minimum: 1, maximum: 1_000_000, description: 'A new rule: 600' })
  @IsGiven()
  @IsInt()
  @Min(1)
  @Max(1_000_000)
  readonly calls_per_minute?: number;

  @ApiProperty({ type: 'integer', required: false, minimum: 1, maximum: 100_000, description: 'A new rule: 64' })
  @IsGiven()
  @IsInt()
  @Min(1)
  @Max(100_000)
  readonly concurrent_calls?: number;

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 1024,
    maximum: 1024 ** 3,
    description: 'Bytes of request bodies that are held at once. A new rule: 16777216',
  })
  @IsGiven()
  @IsInt()
  @Min(1024)
  @Max(1024 ** 3)
  readonly body_bytes?: number;
}
