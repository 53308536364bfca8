import { faultBody } from './fault.js';
import { backHeaders, onwardHeaders, traceIdOf } from './headers.js';

const fault = { code: 'federation.peer-unreachable', detail: 'Lisbon did not answer.', next: 'Try again.' };

describe('a fault of ours', () => {
  it.each(['7', '"a"', '1.0', 'null'])('answers the id %s as it came', (id) => {
    expect(faultBody(fault, id)).toContain(`"id":${id},`);
    expect(JSON.parse(faultBody(fault, id))).toEqual({
      jsonrpc: '2.0',
      id: JSON.parse(id),
      error: {
        code: -32603,
        message: 'Lisbon did not answer.',
        data: [
          {
            '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
            reason: 'FEDERATION_PEER_UNREACHABLE',
            domain: 'clawbutler',
            metadata: { code: 'federation.peer-unreachable', next: 'Try again.' },
          },
        ],
      },
    });
  });

  it.each([null, '{}', '[1]', 'true', 'tru', ''])('answers %s, which is no id, as null', (id) =>
    expect(JSON.parse(faultBody(fault, id))).toMatchObject({ id: null }),
  );
});

describe('headers', () => {
  const headers = {
    ...{
      'a2a-version': '1.0',
      'a2a-extensions': 'x',
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      accept: 'text/event-stream',
    },
    ...{
      authorization: 'Bearer secret',
      cookie: 'a=b',
      'x-cb-caller': 'c',
      'x-forwarded-for': '10.0.0.1',
      'content-type': 'application/json',
    },
    ...{ 'x-http-method-override': 'DELETE', 'accept-encoding': 'gzip', host: 'here' },
  };
  it('go on only when they are for the agent', () =>
    expect(Object.keys(onwardHeaders(headers)).sort()).toEqual(['a2a-extensions', 'a2a-version', 'accept', 'content-type', 'traceparent']));
  it('come back only when they are for the caller', () =>
    expect(
      Object.keys(
        backHeaders({
          'set-cookie': ['a'],
          server: 'x',
          'x-cb-fault': 'y',
          location: '/',
          'retry-after': '7',
          'www-authenticate': 'Bearer',
        }),
      ).sort(),
    ).toEqual(['retry-after', 'x-content-type-options']));
  it.each([
    ['text/html', true],
    ['Text/HTML; charset=utf-8', true],
    ['image/svg+xml', true],
    ['application/json; x=y, text/html', true],
    ['application/jsonp', true],
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['application/a2a+json', false],
    ['text/event-stream', false],
  ])('keep a browser from showing %s when it comes from an agent: %s', (type, isKept) => {
    const back = backHeaders({ 'content-type': type });
    expect(back).toMatchObject({ 'content-type': type, 'x-content-type-options': 'nosniff' });
    expect([back['content-disposition'], back['content-security-policy']]).toEqual(
      isKept ? ['attachment', "default-src 'none'; sandbox"] : [undefined, undefined],
    );
  });
  it('name the trace', () => {
    expect(traceIdOf(headers)).toBe('a'.repeat(32));
    expect(traceIdOf({})).toBeNull();
    expect(traceIdOf({ traceparent: 'x' })).toBeNull();
  });
});
