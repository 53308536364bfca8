import { ApiProperty } from '@nestjs/swagger';
import { IsText } from '@app/kernel';

/** Somebody signs in with a one-time login code. */
export class OpenSession {
  /** As the start or `npm run login` printed it: `cb_login_...` */
  @ApiProperty({ maxLength: 200 })
  @IsText(200) // What has another form is a wrong code, and is told so.
  readonly code: string;
}
