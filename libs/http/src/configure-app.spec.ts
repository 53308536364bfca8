import { Controller, Get } from '@nestjs/common';
import { testAppOf } from '../testing/index.js';

@Controller('peers')
class First {
  @Get('test')
  get(): string {
    return 'first';
  }
}

@Controller('peers')
class Second {
  @Get('test')
  get(): string {
    return 'second';
  }
}

@Controller('peers')
class ById {
  @Get(':peer_id')
  get(): string {
    return 'by id';
  }
}

describe('an application', () => {
  it('does not start with two controllers on one route', async () => {
    await expect(testAppOf([First, Second], [])).rejects.toThrow(/peers\/test/);
  });

  it('prefers a literal segment to a parameter, in whatever order they are registered', async () => {
    const app = await testAppOf([ById, First], []);
    expect([(await app.ask('GET', 'peers/test')).body, (await app.ask('GET', 'peers/peer-1')).body]).toEqual(['first', 'by id']);
    await app.close();
  });
});
