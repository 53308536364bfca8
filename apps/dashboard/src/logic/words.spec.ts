import { healthOfStatus } from './status-health.js';
import { shapeOf, wordOf } from './words.js';

it('gives each health a shape of its own, and the special states theirs', () => {
  const shapes = [shapeOf('green', 'up'), shapeOf('amber', 'degraded'), shapeOf('red', 'down'), shapeOf('unknown', 'unknown')];
  expect(new Set(shapes).size).toBe(4);
  expect(shapeOf('auth_failed', 'down')).toBe('key');
  expect(shapeOf('stale', 'down')).toBe('hollow');
  expect(shapeOf('pending', 'unknown')).toBe('dashed');
  expect(shapeOf('suspended', 'unknown')).toBe('pause');
});

it('says what a traffic light means', () => {
  expect(['green', 'amber', 'red', 'recovering', 'auth_failed'].map(wordOf)).toEqual([
    'healthy',
    'degraded',
    'down',
    'recovering',
    'auth failed',
  ]);
});

it('takes a word it does not know for unknown', () => expect(healthOfStatus('brand-new')).toBe('unknown'));
