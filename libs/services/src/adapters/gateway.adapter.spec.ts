import { withSentences } from '../../testing/status-history.js';
import { FakeGateway, type GatewayState } from '../../../../test/fake-openclaw/fake-gateway.js';
import { LIVE, NOT_LIVE, tooMany } from '../../../../test/fake-openclaw/frames.js';
import type { ProbeResult } from '../runtime/probe-result.js';
import { GatewayProbe } from './gateway.adapter.js';

let gateway: FakeGateway;
let url: string;
beforeEach(async () => {
  gateway = new FakeGateway();
  gateway.nowMs = () => 0;
  url = await gateway.listen();
});
afterEach(() => gateway.close());

const look = (signal = AbortSignal.timeout(10_000)): Promise<ProbeResult> => new GatewayProbe(url).look(signal);

it('reads what a gateway tells callers on its own machine', async () => {
  const result = await look();
  expect(result).toEqual({
    ok: true,
    latencyMs: expect.any(Number),
    findings: [],
    measured: [],
    capability: 'http',
    version: '2026.9.6',
    uptimeMs: 24329,
  });
  expect(gateway.asked.map(({ path }) => path).sort()).toEqual(['/healthz', '/readyz', '/startupz']);
});

it('reads what a gateway tells strangers', async () => {
  gateway.state = 'remote';
  expect(await look()).toMatchObject({ ok: true, findings: [], capability: 'http', version: null, uptimeMs: null });
});

it.each<[GatewayState, 'amber' | 'red', string, string]>([
  ['starting', 'amber', 'starting', 'The gateway is starting: startup-sidecars.'],
  ['draining', 'amber', 'draining', 'The gateway finishes what it is doing and takes nothing new.'],
  ['not ready', 'amber', 'dependency_down', 'The gateway is not ready: startup-sidecars.'],
  [
    'behind an untrusted proxy',
    'amber',
    'unauthorised',
    'The gateway hides its state behind a proxy it does not trust (gateway.trustedProxies).',
  ],
  ['old', 'amber', 'version_unsupported', 'The gateway does not say whether it has started (200).'],
  ['locked', 'amber', 'unauthorised', 'URL asks for a credential before it says whether it lives.'],
  ['a website', 'red', 'not_openclaw', 'URL answers, but not as an OpenClaw gateway (200).'],
  ['another JSON service', 'red', 'not_openclaw', 'URL answers, but not as an OpenClaw gateway (200).'],
  ['a login page', 'red', 'not_openclaw', 'URL answers, but not as an OpenClaw gateway (302).'],
  ['an endless page', 'red', 'not_openclaw', 'URL answers, but not as an OpenClaw gateway (200).'],
])('%s is %s, %s', async (state, colour, reason, detail) => {
  gateway.state = state;
  expect(withSentences(await look())).toEqual([{ colour, reason, sentence: detail.replace('URL', url) }]);
});

it.each(LIVE)('takes an answer to /healthz %s for that of an OpenClaw', async (_what, answer) => {
  gateway.answers['/healthz'] = answer;
  expect(await look()).toMatchObject({ ok: true, findings: [] });
});

it.each(NOT_LIVE)('takes an answer to /healthz %s for none of an OpenClaw', async (_what, answer) => {
  gateway.answers['/healthz'] = answer;
  expect(await look()).toMatchObject({ ok: true, findings: [{ colour: 'red', reason: 'not_openclaw' }] });
});

describe('429', () => {
  const LIMITED = { ok: true, findings: [{ colour: 'amber', reason: 'rate_limited' }] };
  it.each(['/healthz', '/startupz', '/readyz'])('at %s is amber, and nothing is asked until Retry-After is over', async (path) => {
    gateway.answers[path] = tooMany('75');
    const probe = new GatewayProbe(url);
    expect(await probe.look(AbortSignal.timeout(10_000))).toMatchObject(LIMITED);
    const asked = gateway.asked.length;
    delete gateway.answers[path];
    expect(await probe.look(AbortSignal.timeout(10_000))).toMatchObject(LIMITED);
    expect(gateway.asked).toHaveLength(asked);
  });

  it.each(['0', new Date(0).toUTCString()])('with Retry-After %s is asked again at the next probe', async (retryAfter) => {
    gateway.answers['/healthz'] = tooMany(retryAfter);
    const probe = new GatewayProbe(url);
    expect(await probe.look(AbortSignal.timeout(10_000))).toMatchObject(LIMITED);
    delete gateway.answers['/healthz'];
    expect(await probe.look(AbortSignal.timeout(10_000))).toMatchObject({ ok: true, findings: [] });
  });
});

it('takes an error of a server before it for a failure', async () => {
  gateway.state = 'broken';
  expect(await look()).toEqual({ ok: false, reason: 'error_rate', detail: `${url} answered 502.` });
});

it('gives up on a frozen gateway, which still accepts connections, when told to', async () => {
  gateway.state = 'frozen';
  const giveUp = new AbortController();
  const looking = look(giveUp.signal);
  while (gateway.asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
  giveUp.abort();
  expect(await looking).toMatchObject({ ok: false });
});

it('says when nobody listens', async () => {
  await gateway.close();
  expect(await look()).toEqual({ ok: false, reason: 'connect_refused', detail: `${url} refuses connections.` });
  gateway = new FakeGateway();
  await gateway.listen();
});

it('says when there is no such name', async () => {
  const probeResult = await new GatewayProbe('http://no-such-gateway.invalid:18789').look(AbortSignal.timeout(10_000));
  expect(probeResult).toMatchObject({ ok: false, reason: 'dns_failure' });
});

it('sends no credential and no header of a proxy, and shows no credential', async () => {
  const result = await new GatewayProbe(url.replace('http://', 'http://operator:hunter22@')).look(AbortSignal.timeout(10_000));
  expect(result).toMatchObject({ ok: true, findings: [] });
  for (const { headers } of gateway.asked) {
    expect(Object.keys(headers).filter((name) => /^x-forwarded|^forwarded$|^authorization$/.test(name))).toEqual([]);
    expect(headers.connection).toBe('close');
  }
  gateway.state = 'a website';
  expect(
    JSON.stringify(await new GatewayProbe(url.replace('http://', 'http://operator:hunter22@')).look(AbortSignal.timeout(10_000))),
  ).not.toContain('hunter22');
});

it('keeps to a path that a gateway is behind', async () => {
  await new GatewayProbe(`${url}/gw/berlin/`).look(AbortSignal.timeout(10_000));
  expect(gateway.asked[0]?.path).toBe('/gw/berlin/healthz');
});
