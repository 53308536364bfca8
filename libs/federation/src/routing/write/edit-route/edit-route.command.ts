import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMinSize, IsOptional, ValidateNested } from 'class-validator';
import { IsGiven, IsId, IsText } from '@app/kernel';
import type { MethodClass } from '../../events/index.js';
import { METHOD_CLASSES } from '../../events/method-class.js';
import { IsMethodClasses } from '../../events/method-classes.js';
import { CredentialInput, LimitsInput } from '../../route-input.command.js';

/** An operator changes a routing rule. What is left out stays; whom the rule is about and its action are not edited. */
export class EditRoute {
  @ApiProperty({ type: String }) @IsId() readonly rule_id: string;

  @ApiProperty({ type: [String], enum: METHOD_CLASSES, required: false, description: 'The classes of methods it covers' })
  @IsGiven()
  @ArrayMinSize(1)
  @IsMethodClasses()
  readonly classes?: readonly MethodClass[];

  @ApiProperty({
    type: String,
    format: 'uri',
    required: false,
    maxLength: 512,
    description: 'Of a rule that routes. Another origin needs a credential of its own, or null',
  })
  @IsGiven()
  @IsText(512)
  readonly target_url?: string;

  @ApiProperty({ type: CredentialInput, required: false, nullable: true, description: 'Of a rule that routes; null: none from now on' })
  @IsOptional()
  @ValidateNested()
  @Type(() => CredentialInput)
  readonly credential?: CredentialInput | null;

  @ApiProperty({ type: LimitsInput, required: false, description: 'Those that are left out stay' })
  @IsGiven()
  @ValidateNested()
  @Type(() => LimitsInput)
  readonly limits?: LimitsInput;

  @ApiProperty({ required: false, maxLength: 500, description: "Why, in the operator's own words" })
  @IsGiven()
  @IsText(500, { lines: true })
  readonly note?: string;
}
