import { ApiProperty } from '@nestjs/swagger';
import { Accepted } from '@app/http';
import { IsId } from '@app/kernel';

export class RouteAccepted extends Accepted {
  @ApiProperty() @IsId() rule_id: string;
}
