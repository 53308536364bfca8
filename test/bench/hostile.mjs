// Requests of people who hold no token, and of browsers that visit their pages.
import { Agent, request } from 'node:http';

const PREFIX = '/api/v1/infrastructure/';
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';
const crossSite = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };

const post = (type, body, headers = {}) => ({ method: 'POST', path: 'session', headers: { 'content-type': type, ...headers }, body });
const get = (path, headers) => ({ method: 'GET', path, headers, body: '' });
const unknown = (n) => `cb_srv_${String(n).padStart(43, 'A')}`;

/** Each costs a server as much as it lets it. */
const KINDS = [
  () => post(JSON_TYPE, `[${'{},'.repeat(83_000)}{}]`),
  () => post(JSON_TYPE, '[1,'.repeat(80_000)),
  () => post(JSON_TYPE, `{"code":${'['.repeat(400)}${']'.repeat(400)}}`),
  () => post(JSON_TYPE, JSON.stringify(Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`f${i}`, {}])))),
  () => post(FORM_TYPE, 'a[]=1&'.repeat(36_000)),
  () => post(FORM_TYPE, 'code=x', crossSite),
  () => get('peers', crossSite),
  (n) => get('peers', { authorization: `Bearer ${unknown(n)}` }),
  () => get('events?limit=200', {}),
];

/** Sends them at a rate, whatever is answered and however long it takes; resolves when the last is answered or cut off. */
export async function assault(origin, count, perSecond) {
  const agent = new Agent({ keepAlive: true, maxSockets: 200 });
  const under = [];
  const begun = performance.now();
  for (let n = 0; n < count; n++) {
    const waitMs = begun + (n * 1_000) / perSecond - performance.now();
    if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
    under.push(send(origin, agent, KINDS[n % KINDS.length](n)));
  }
  const statuses = await Promise.all(under);
  agent.destroy();
  return Map.groupBy(statuses, (status) => status);
}

/** The status, or `cut`: whoever sends more than is taken may be cut off before he reads why. */
const send = (origin, agent, { method, path, headers, body }) =>
  new Promise((resolve) => {
    const length = body === '' ? {} : { 'content-length': Buffer.byteLength(body) };
    const asked = request(origin + PREFIX + path, { method, agent, headers: { ...headers, ...length } }, (answer) => {
      answer.resume().once('close', () => resolve(answer.statusCode));
    });
    asked.once('error', () => resolve('cut'));
    asked.end(body);
  });
