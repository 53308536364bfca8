import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { AnswerOf, Roles } from '@app/http';
import { type Instant, Position } from '@app/kernel';
import { Doctor } from './doctor.adapter.js';
import { DoctorReport } from './doctor.view.js';

export class DoctorAnswer extends AnswerOf(DoctorReport) {}

@Controller('doctor')
export class DoctorController {
  constructor(private readonly doctor: Doctor) {}

  /**
   * GET /api/v1/infrastructure/doctor
   *
   * For an operator when something is wrong: one list of checks. Answers 200 whatever is broken; each check has a deadline of its own.
   */
  @Get()
  @Roles('operator')
  @ApiOperation({ operationId: 'doctor', summary: 'What is wrong with this instance, and what to do' })
  @ApiOkResponse({ type: DoctorAnswer })
  async examine(): Promise<DoctorAnswer> {
    const data = await this.doctor.report();
    return { data, as_of: new Date().toISOString() as Instant, position: new Position({ facts: 0 }).format(), lag_ms: 0, warnings: [] };
  }
}
