import { Controller, Get, Injectable } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';

/** The description of this API, filled in once all of it is there to be described. */
@Injectable()
export class ApiDescription {
  document: OpenAPIObject | null = null;
}

@Controller('openapi.json')
@ApiExcludeController()
export class OpenApiController {
  constructor(private readonly description: ApiDescription) {}

  /** GET /openapi.json: what `docs/openapi.json` is in the repository. */
  @Get()
  describe(): OpenAPIObject | null {
    return this.description.document;
  }
}
