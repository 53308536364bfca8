import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsBoolean, IsString, ValidateNested } from 'class-validator';
import { IsNullable, IsText } from '@app/kernel';

/** One interface that a card names. */
export class AgentInterface {
  @ApiProperty({ description: 'As it is used; of one that is not usable, as the card gives it' }) @IsText(2048) url: string;

  @ApiProperty({ description: 'JSONRPC, HTTP+JSON, or one that is not passed on' }) @IsText(64) binding: string;

  @ApiProperty({ type: String, nullable: true, description: 'Of A2A, as the card says' }) @IsNullable() @IsText(64) protocol_version:
    string | null;

  @ApiProperty() @IsBoolean() usable: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'Why it is left out; null: it is usable' }) @IsNullable() @IsText(500) because:
    string | null;
}

/** What the card of an agent said, just now. */
export class AgentCheck {
  @ApiProperty({ description: 'It has a card, and at least one interface can be used' }) @IsBoolean() ok: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'Why not: a code; null: it is ok' }) @IsNullable() @IsString() reason:
    string | null;

  @ApiProperty({ description: 'The same for people' }) @IsText(2000) sentence: string;

  @ApiProperty({ type: () => [AgentInterface], description: 'All that the card names' })
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => AgentInterface)
  interfaces: AgentInterface[];
}
