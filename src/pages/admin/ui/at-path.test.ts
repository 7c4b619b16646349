import { expect, it } from 'vitest';
import { valueAt, withValue } from './at-path.ts';

const trigger = { id: 'a', entry: { on: [{ event: 'A' }, { event: 'B' }] }, delivery: { expireAfter: '1h' } };

it('reads a place, and nothing of what only the prototype has', () => {
  expect(valueAt(trigger, 'entry.on.1.event')).toBe('B');
  expect(valueAt(trigger, 'entry.on.2.event')).toBeUndefined();
  expect(valueAt(trigger, 'constructor.name')).toBeUndefined();
});

it('changes a place in a copy, and keeps the order of fields', () => {
  const after = withValue(trigger, 'entry.on.0.event', 'C');
  expect(JSON.stringify(after)).toBe(JSON.stringify(trigger).replace('"A"', '"C"'));
  expect(trigger.entry.on[0]?.event).toBe('A');
});

it('makes what is missing on the way, and a list grows at its end', () => {
  expect(withValue({}, 'delivery.quietHours.action', 'drop')).toEqual({
    delivery: { quietHours: { action: 'drop' } },
  });
  expect(withValue(trigger, 'entry.on.2', { event: 'C' }).entry.on).toHaveLength(3);
});

it('removes with a field the object that it leaves empty, and an element from its list', () => {
  expect(withValue(trigger, 'delivery.expireAfter', undefined)).not.toHaveProperty('delivery');
  expect(withValue(trigger, 'entry.on.0', undefined).entry.on).toEqual([{ event: 'B' }]);
});
