import { IsIn, IsInt, Max, Min, ValidateBy, ValidateIf } from 'class-validator';
import { IsListOf, IsName, IsNullable } from '@app/kernel';
import { ApiProperty } from '@nestjs/swagger';
import { CallBindingEntry } from '../../call-binding.view.js';
import { MAX_BINDINGS } from '../../events/call-binding.js';
import { TOKEN_ROLES } from '../../events/role.js';

const isCaller = ({ role }: { role: unknown }): boolean => role === ('caller' satisfies (typeof TOKEN_ROLES)[number]);
const IsOfCallers = (): PropertyDecorator =>
  ValidateBy({
    name: 'isOfCallers',
    validator: {
      validate: (_value, about) => isCaller(about?.object as IssueToken),
      defaultMessage: () => 'bindings are of the role caller only: an operator or admin makes any call, a viewer none',
    },
  });

/** An admin asks for a service token, for a program or a CLI. */
export class IssueToken {
  /** What it is for: 1 to 100 characters, on one line. */
  @ApiProperty({
    minLength: 1,
    maxLength: 100,
    example: 'nightly backup',
    description: 'What it is for: no control, bidirectional or invisible characters',
  })
  @IsName(100)
  readonly name: string;

  @ApiProperty({ enum: TOKEN_ROLES, description: 'caller: it makes A2A calls and does nothing else' })
  @IsIn(TOKEN_ROLES)
  readonly role: (typeof TOKEN_ROLES)[number];

  /** Whole days from now; null: until it is revoked. */
  @ApiProperty({ type: 'integer', nullable: true, minimum: 1, maximum: 3650 })
  @IsNullable()
  @IsInt()
  @Min(1)
  @Max(3650)
  readonly expires_in_days: number | null;

  @ApiProperty({
    type: [CallBindingEntry],
    required: false,
    maxItems: MAX_BINDINGS,
    description: 'The A2A calls that it may make; empty: none. With the role caller it is needed, with another it is not understood',
  })
  @ValidateIf((asked: IssueToken) => isCaller(asked) || asked.bindings !== undefined)
  @IsListOf(CallBindingEntry, MAX_BINDINGS)
  @IsOfCallers()
  readonly bindings?: readonly CallBindingEntry[];
}
