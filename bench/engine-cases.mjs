/** What the engine's benchmark measures of Reflex itself. */
import { documentsOf, EVENT, eventOf, MemoryHistory, NOW, ruleOf, rules } from './engine-world.mjs';

export const COUNTS = [1, 10, 100, 1_000, 10_000];
export const HISTORIES = [10, 100_000];
const DAY_MS = 86_400_000;

/** An event that fires one of so many triggers, and one that fires none. The state is the same each time. */
export function triggerCases({ decide, compileConfig, emptyState }) {
  const history = new MemoryHistory();
  return COUNTS.flatMap((count) => {
    const config = compileConfig(documentsOf(rules(count)));
    const state = emptyState({ kind: 'user', id: 'u1', key: 'key-of-u1' }, NOW);
    const decideOn = (price) => (serial) =>
      decide({
        ...{ state, history, config, now: NOW },
        event: eventOf(EVENT, serial, { category: 'c0', price, name: 'A thin ring' }),
      });
    mustSend(decideOn(20)(0), ['rule-0']);
    mustSend(decideOn(30)(0), []);
    return [
      { id: `fires-${count}`, run: decideOn(20) },
      { id: `none-${count}`, run: decideOn(30) },
    ];
  });
}

function mustSend({ trace }, expected) {
  const sent = trace.filter(({ reason }) => reason === 'sent').map(({ id }) => id);
  if (JSON.stringify(sent) === JSON.stringify(expected)) return;
  throw new Error(`expected ${expected} to be sent; came ${JSON.stringify(trace)}`);
}

/** Triggers that are published, and never were compiled before; then one of them anew. */
export function compileCases({ compileConfig, decide, emptyState }) {
  const count = COUNTS.at(-1);
  let fresh;
  const prepare = () => {
    fresh = documentsOf(rules(count));
  };
  let live = documentsOf(rules(count));
  compileConfig(live);
  const state = emptyState({ kind: 'user', id: 'u1', key: 'key-of-u1' }, NOW);
  const changeOne = () => {
    const triggers = [...live.triggers];
    triggers[5_000] = { ...triggers[5_000], document: ruleOf(5_000), version: live.head + 1 };
    live = { ...live, head: live.head + 1, triggers };
    const event = eventOf(EVENT, live.head, { category: 'c5000', price: 20 });
    const decision = decide({
      state,
      history: new MemoryHistory(),
      config: compileConfig(live),
      now: NOW,
      event,
    });
    mustSend(decision, ['rule-5000']);
  };
  return [
    { id: 'index', prepare, run: () => compileConfig(fresh) },
    { id: 'everything', prepare, run: () => compileWhole(compileConfig(fresh)) },
    {
      id: 'change',
      prepare: () => {
        fresh = undefined;
      },
      run: changeOne,
    },
  ];
}

/** Every closure of every trigger, as if each had matched and run to its end. */
function compileWhole(config) {
  for (const trigger of config.triggers.values()) {
    trigger.on.length + trigger.exits.length + trigger.goals.length + trigger.steps.length;
  }
  return config.counters.size + config.liveMarks.size;
}

/** Counted conditions over a short and over a long past: with a window, for life, and by product. */
export function historyCases({ decide, compileConfig, applyDelta, emptyState }) {
  const isThisProduct = {
    field: 'event.properties.product_id',
    op: 'eq',
    value: { ref: 'entry.event.properties.product_id' },
  };
  const isRing = { field: 'event.properties.category', op: 'eq', value: 'rings' };
  const counted = [
    { did: 'Product Viewed', where: isRing, window: { last: '7d' }, count: { eq: 100 } },
    { did: 'Product Viewed', where: isThisProduct, count: { lt: 1 } },
    { did: 'Product Viewed', where: isThisProduct, window: { last: '30d' }, count: { lt: 1 } },
    { didNot: 'Product Viewed', where: isRing },
  ];
  const triggers = counted.map((one, i) => ({
    ...ruleOf(i),
    entry: { on: [{ event: 'Product Viewed' }], if: one },
  }));
  const config = compileConfig(documentsOf(triggers));
  return HISTORIES.map((length) => {
    const history = new MemoryHistory();
    const state = emptyState({ kind: 'user', id: 'u1', key: 'key-of-u1' }, NOW);
    // The same pace whatever the length: what lies within a window is as long as it gets.
    for (let i = length; i > 0; i--) {
      const event = eventOf('Product Viewed', `h${i}`, viewed(i), NOW - i * (DAY_MS / 500));
      applyDelta(state, decide({ state, history, config, now: event.timestamp, event }).delta);
      history.add(event);
    }
    return {
      id: `history-${length}`,
      run: (serial) => {
        const event = eventOf('Product Viewed', serial, viewed(serial));
        const decision = decide({ state, history, config, now: NOW, event });
        mustSend(decision, []);
        return decision;
      },
    };
  });
}

/** Of ten products, all of which the short past knows as well. */
function viewed(i) {
  return { product_id: `p${i % 10}`, category: 'rings', price: 68_000 };
}
