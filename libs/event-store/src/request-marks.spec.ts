import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { RequestMarks, areOfDifferentRequests } from './request-marks.js';

const marks = new RequestMarks(randomBytes(32));
const commandId = randomUUID();
const request = '["POST","/api/v1/infrastructure/tokens",{"name":"nightly"}]';
const of = (asked: string, by = marks, id = commandId): string => by.of({ commandId: id, request: asked }) ?? '';

describe('the mark of a request', () => {
  it('is the same for the same request, and differs for another', () => {
    expect(areOfDifferentRequests(of(request), of(request))).toBe(false);
    expect(areOfDifferentRequests(of(request), of(`${request} `))).toBe(true);
  });

  it('is the same after a restart with the same secrets key', () => {
    const secretsKey = randomBytes(32);
    expect(of(request, new RequestMarks(secretsKey))).toBe(of(request, new RequestMarks(secretsKey)));
  });

  it('is absent when the request has no key', () => expect(marks.of({ commandId })).toBeUndefined());

  it('tells nothing of the request: neither its text nor a hash of it, and equal requests have different marks', () => {
    const mark = of(request);
    const hashes = (['base64url', 'hex'] as const).flatMap((form) =>
      [request, `${commandId}\n${request}`].map((text) => createHash('sha256').update(text).digest(form)),
    );
    for (const told of ['nightly', ...hashes]) expect(mark).not.toContain(told);
    expect(mark).toMatch(/^v1\.[\w-]{8}\.[\w-]{43}$/);
    expect(of(request, marks, randomUUID())).not.toBe(mark);
    expect(of(request, new RequestMarks(randomBytes(32))).slice(12)).not.toBe(mark.slice(12));
  });

  it.each([
    ['is absent', undefined],
    ['is of an event of an earlier release', ''],
    ['was made with another secrets key', of('another', new RequestMarks(randomBytes(32)))],
    ['has a format of a later release', 'v2.abcdefgh.xyz'],
  ])('refuses no request when the stored one %s', (_why, stored) => expect(areOfDifferentRequests(stored, of(request))).toBe(false));
});
