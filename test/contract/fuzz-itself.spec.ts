import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiQuery } from '@nestjs/swagger';
import { Allow } from 'class-validator';
import { Public } from '@app/http';
import { type TestApp, testAppOf } from '@app/http/testing';
import { describeApi } from '../../apps/api/src/openapi.module.js';
import { fuzz } from './fuzz.js';

class Item {
  @ApiProperty() name: string;
}
class Asked {
  @ApiProperty() @Allow() name: string;
}
interface Reply {
  code(status: number): Reply;
  header(name: string, value: string): Reply;
  type(mediaType: string): Reply;
  send(body?: unknown): void;
}
const NOBODY = { nobody: { headers: {}, requests: 60 } };
const good: Item = { name: 'thing' };

@Public()
@Controller('things')
class Sound {
  @Get(':name')
  @ApiOperation({ operationId: 'sound' })
  @ApiOkResponse({ type: Item })
  sound(@Param('name') name: string): Item {
    return { name };
  }
}

@Public()
@Controller('things')
class Fails {
  @Post()
  @HttpCode(200)
  @ApiOperation({ operationId: 'fails' })
  @ApiOkResponse({ type: Item })
  fails(@Body() { name }: Asked): Item {
    return { name: String(name.slice(0, 9)) }; // A name that is no text has no `slice`.
  }
}

@Public()
@Controller('things')
class FailsSeldom {
  @Get(':name')
  @ApiOperation({ operationId: 'failsSeldom' })
  @ApiOkResponse({ type: Item })
  sound(@Param('name') name: string): Item {
    if (name in {}) throw new Error('this is looked up in an object that has more than it was given');
    return { name };
  }
}

const answers = (answer: (reply: Reply) => void) => {
  @Public()
  @Controller('things')
  class Planted {
    @Get()
    @ApiOperation({ operationId: 'planted' })
    @ApiQuery({ name: 'q', required: false, type: String })
    @ApiOkResponse({ type: Item })
    planted(@Query('q') _q: string, @Res() reply: Reply): void {
      answer(reply);
    }
  }
  return Planted;
};

describe('the fuzz', () => {
  let testApp: TestApp;
  afterEach(() => testApp.close());
  const findings = async (controller: new () => object, deadlineMs = 10_000): Promise<readonly string[]> => {
    testApp = await testAppOf([controller], []);
    const [origin, description] = [await testApp.app.getUrl(), describeApi(testApp.app)];
    const more = { identities: NOBODY, known: {}, seed: 1, deadlineMs };
    return (await fuzz({ origin, description, ...more })).findings;
  };

  it('finds nothing in a route that answers as it is described', async () => expect(await findings(Sound)).toEqual([]));

  it.each<[string, new () => object, string]>([
    ['fails on a field of another type', Fails, 'fails as nobody: it is a 500'],
    ['fails on a name that every object has', FailsSeldom, 'failsSeldom as nobody: it is a 500'],
    ['answers a status that is not described', answers((reply) => reply.code(206).send(good)), 'the status 206 is not described'],
    [
      'answers a field that is not described',
      answers((reply) => reply.send({ ...good, hash: 'x' })),
      'must NOT have additional properties',
    ],
    ['lacks a field that is described', answers((reply) => reply.send({})), "must have required property 'name'"],
    ['answers a field of another type', answers((reply) => reply.send({ name: null })), 'name must be string'],
    ['answers another type of media', answers((reply) => reply.type('text/html').send('<p>')), 'it is text/html, and described as'],
    ['answers what is no JSON', answers((reply) => reply.type('application/json').send('{')), 'it is not JSON'],
    ['answers an error that is no problem', answers((reply) => reply.code(404).send({ error: 'none' })), 'a 404 is application/json'],
    ['answers 502', answers((reply) => reply.code(502).type('application/problem+json').send({})), 'nobody foresaw a 502'],
    ['leads elsewhere', answers((reply) => reply.code(302).header('location', '/').send()), 'it leads elsewhere: 302'],
    ['lets a cache keep its answer', answers((reply) => reply.header('cache-control', 'public').send(good)), 'a cache may keep it'],
  ])('finds a route that %s', async (_how, planted, finding) => {
    expect((await findings(planted)).join('\n')).toContain(finding);
  });

  it('finds a route that does not answer', async () => {
    const silent = answers(() => undefined);
    expect((await findings(silent, 50))[0]).toContain('planted as nobody: it is not answered within 50 ms');
  });

  it('asks the same for the same seed, and something else for another', async () => {
    const paths = async (seed: number): Promise<string[]> => {
      const asked: string[] = [];
      testApp = await testAppOf([Sound], [], false, async (app) =>
        app
          .getHttpAdapter()
          .getInstance()
          .addHook('onRequest', async ({ method, url }) => void asked.push(`${method} ${url}`)),
      );
      const more = { identities: NOBODY, known: {}, deadlineMs: 10_000 };
      await fuzz({ origin: await testApp.app.getUrl(), description: describeApi(testApp.app), ...more, seed });
      if (seed !== 2) await testApp.close();
      return asked.toSorted();
    };
    const first = await paths(1);
    expect(await paths(1)).toEqual(first);
    expect(await paths(2)).not.toEqual(first);
  });
});
