import { newEvent } from '@app/kernel';
import { NOW, rowsOf } from '@app/kernel/testing';
import { RouteAdded, RouteRemoved } from '../../events/index.js';
import { routeDirectory } from './route-directory.projection.js';

const added = (rule_id: string, before: string | null = null) => newEvent(RouteAdded, { ...RouteAdded.example, rule_id, before });
const removed = (rule_id: string) => newEvent(RouteRemoved, { route_table: 'main', rule_id });

it('holds the rules in the order in which they are tried', () => {
  const { main } = rowsOf(routeDirectory, added('a'), added('b'), added('c', 'b'), removed('a'), added('d', 'c'));
  expect(main?.rules.map(({ rule_id }) => rule_id)).toEqual(['d', 'c', 'b']);
});

it('holds all that was said of a rule, who said it and where', () => {
  const { route_table: _, before: __, ...said } = RouteAdded.example;
  expect(rowsOf(routeDirectory, added('a'), added('b'))).toMatchObject({
    main: { rules: [{ rule_id: 'a' }, { ...said, rule_id: 'b', version: 2, added_at: NOW, added_by: 'test' }] },
  });
});

it('is empty when the last was removed', () => {
  expect(rowsOf(routeDirectory, added('a'), removed('a'))).toEqual({ main: { route_table: 'main', rules: [] } });
});
