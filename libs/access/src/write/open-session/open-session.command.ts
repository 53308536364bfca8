import { IsString, MaxLength } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';

/** Somebody signs in with a one-time login code. */
export class OpenSession {
  /** As the start or `npm run login` printed it: `cb_login_...` */
  @ApiProperty({ maxLength: 200 })
  @IsString()
  @MaxLength(200) // What has another form is a wrong code, and is told so.
  readonly code: string;
}
