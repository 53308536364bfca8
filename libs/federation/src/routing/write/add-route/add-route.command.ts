import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMinSize, IsIn, IsOptional, ValidateNested } from 'class-validator';
import { IsGiven, IsId, IsText } from '@app/kernel';
import { IsAgentName } from '../../events/agent-name.js';
import { DIRECTIONS } from '../../../calls/events/direction.js';
import type { Direction } from '../../../calls/events/index.js';
import type { PeerId } from '../../../peers/events/index.js';
import type { MethodClass, RouteAction } from '../../events/index.js';
import { METHOD_CLASSES } from '../../events/method-class.js';
import { IsMethodClasses } from '../../events/method-classes.js';
import { ROUTE_ACTIONS } from '../../events/route-added.event.js';
import { CredentialInput, LimitsInput } from '../../route-input.command.js';

/** An operator adds a rule about calls to the routing table. */
export class AddRoute {
  @ApiProperty({ enum: DIRECTIONS, description: 'in: from a peer to an agent of ours; out: to an agent of a peer' })
  @IsIn(DIRECTIONS)
  readonly direction: Direction;

  @ApiProperty({ type: String, required: false, nullable: true, description: 'Whose calls, or calls to whom; left out: any peer' })
  @IsOptional()
  @IsId()
  readonly peer_id?: PeerId | null;

  @ApiProperty({ type: String, required: false, nullable: true, description: 'Left out: any agent' })
  @IsOptional()
  @IsAgentName()
  readonly agent?: string | null;

  @ApiProperty({
    type: [String],
    enum: METHOD_CLASSES,
    required: false,
    description: 'The classes of methods it covers. Left out: read and send; of a rule that denies, all',
  })
  @IsGiven()
  @ArrayMinSize(1)
  @IsMethodClasses()
  readonly classes?: readonly MethodClass[];

  @ApiProperty({
    type: String,
    enum: METHOD_CLASSES,
    required: false,
    nullable: true,
    deprecated: true,
    description: 'One class, as earlier releases take it; see classes',
  })
  @IsOptional()
  @IsIn(METHOD_CLASSES)
  readonly method_class?: MethodClass | null;

  @ApiProperty({ enum: ROUTE_ACTIONS, description: 'out: allow or deny; in: route or deny' })
  @IsIn(ROUTE_ACTIONS)
  readonly action: RouteAction;

  @ApiProperty({
    type: String,
    format: 'uri',
    required: false,
    nullable: true,
    maxLength: 512,
    description: 'With the action route: the base URL of the agent, whose card is below it at .well-known/agent-card.json',
  })
  @IsOptional()
  @IsText(512)
  readonly target_url?: string | null;

  @ApiProperty({ type: CredentialInput, required: false, nullable: true, description: 'With the action route: what the agent asks for' })
  @IsOptional()
  @ValidateNested()
  @Type(() => CredentialInput)
  readonly credential?: CredentialInput | null;

  @ApiProperty({ type: LimitsInput, required: false, description: 'What it lets through, unless it denies' })
  @IsOptional()
  @ValidateNested()
  @Type(() => LimitsInput)
  readonly limits?: LimitsInput;

  @ApiProperty({
    required: false,
    maxLength: 500,
    description: "Why, in the operator's own words. Tabs and line breaks are taken, other control characters are not",
  })
  @IsGiven()
  @IsText(500, { lines: true })
  readonly note?: string;

  @ApiProperty({ type: String, required: false, nullable: true, description: 'The rule it stands before; left out: after all others' })
  @IsOptional()
  @IsId()
  readonly before?: string | null;
}
