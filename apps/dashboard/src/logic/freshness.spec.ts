import { type Heard, ServerClock, freshnessOf, isHalfOpen, lastWordAt } from './freshness.js';

const heard = (over: Partial<Heard> = {}): Heard => ({ startedAt: 0, streamOpen: false, streamAt: null, pollAt: null, ...over });

describe('freshness', () => {
  it.each<[string, Heard, number, string]>([
    ['nothing yet', heard(), 9_999, 'connecting'],
    ['nothing for 10 s', heard(), 10_000, 'stale'],
    ['the lists are here, the stream is on its way', heard({ pollAt: 200 }), 1_000, 'connecting'],
    ['the lists are here, the stream does not come', heard({ pollAt: 200 }), 6_000, 'polling'],
    ['a word on the open stream', heard({ streamOpen: true, streamAt: 10_000 }), 10_001, 'live'],
    ['comments every 4 s', heard({ streamOpen: true, streamAt: 10_000 }), 14_000, 'live'],
    ['a comment is overdue', heard({ streamOpen: true, streamAt: 10_000 }), 16_000, 'polling'],
    ['silence on an open stream', heard({ streamOpen: true, streamAt: 10_000 }), 20_000, 'stale'],
    ['silence on an open stream, but polls are answered', heard({ streamOpen: true, streamAt: 10_000, pollAt: 18_000 }), 20_000, 'polling'],
    ['the stream has just closed', heard({ streamAt: 10_000 }), 12_000, 'polling'],
    ['closed, and no poll answered', heard({ streamAt: 10_000, pollAt: 9_000 }), 20_000, 'stale'],
    ['an answer after silence', heard({ streamAt: 10_000, pollAt: 90_000 }), 90_001, 'polling'],
    ['a word after silence', heard({ streamOpen: true, streamAt: 90_000 }), 90_001, 'live'],
  ])('%s', (_, state, now, expected) => expect(freshnessOf(state, now)).toBe(expected));

  it('takes the later of the two words', () => {
    expect(lastWordAt(heard())).toBeNull();
    expect(lastWordAt(heard({ pollAt: 4 }))).toBe(4);
    expect(lastWordAt(heard({ streamAt: 9, pollAt: 4 }))).toBe(9);
  });

  it('takes a stream for dead that is open and says nothing for 10 s', () => {
    expect(isHalfOpen(heard({ streamOpen: true, streamAt: 10_000 }), 19_999)).toBe(false);
    expect(isHalfOpen(heard({ streamOpen: true, streamAt: 10_000 }), 20_000)).toBe(true);
    expect(isHalfOpen(heard({ streamAt: 10_000 }), 90_000)).toBe(false);
  });
});

describe("the server's clock", () => {
  it('runs beside ours, and stands while the page is stale', () => {
    let local = 1_000;
    const clock = new ServerClock(() => local);
    clock.set('1970-01-01T00:01:00.000Z');
    expect(clock.now()).toBe(60_000);
    local += 5_000;
    expect(clock.now()).toBe(65_000);
    clock.stop(local - 2_000);
    local += 40_000;
    expect(clock.now()).toBe(63_000);
    clock.resume();
    expect(clock.now()).toBe(105_000);
  });

  it('takes the Date of an answer only until a better time was heard', () => {
    const clock = new ServerClock(() => 7);
    clock.guess(null);
    expect(clock.now()).toBe(7);
    clock.guess('Thu, 01 Jan 1970 01:00:00 GMT');
    expect(clock.now()).toBe(3_600_000);
    clock.set('1970-01-01T01:00:00.400Z');
    clock.guess('Thu, 01 Jan 1970 02:00:00 GMT');
    expect(clock.now()).toBe(3_600_400);
  });

  it('ignores what is no time', () => {
    const clock = new ServerClock(() => 7);
    clock.set('yesterday');
    expect(clock.now()).toBe(7);
  });
});
