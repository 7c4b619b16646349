/**
 * The same rules in other engines of npm. They only say which rules hold; Reflex decides: dedupe, state, exits, gates,
 * the rendered message, its explanation. What is compared is each one's whole call.
 */
import { createRequire } from 'node:module';
import { documentsOf, EVENT, eventOf, MemoryHistory, NOW, rules } from './engine-world.mjs';

export const PEER_COUNTS = [1, 10, 100, 1_000];
const FACTS = { event: EVENT, category: 'c0', price: 20 };

export const PEERS = [
  { id: 'reflex', title: 'Reflex, the whole decision', make: makeReflex },
  { id: 'json-logic-js', title: 'json-logic-js', make: makeJsonLogic },
  { id: 'json-rules-engine', title: 'json-rules-engine', make: makeRulesEngine },
  { id: '@gorules/zen-engine', title: '@gorules/zen-engine', make: makeZen },
];

const require = createRequire(import.meta.url);

function load(name) {
  try {
    return require(name);
  } catch (error) {
    if (error.code !== 'MODULE_NOT_FOUND') throw error;
    console.error(`${name} isn't installed. The benchmark has packages of its own: npm ci --prefix bench`);
    process.exit(1);
  }
}

/** Versions, for the report. */
export function versionOf(id) {
  return require('./package.json').dependencies[id];
}

/** @returns {Promise<{ id: string, run: () => unknown }[]>} each checked to find the one rule that holds */
export async function peerCases(engine) {
  const cases = [];
  for (const { id, make } of PEERS) {
    for (const count of PEER_COUNTS) {
      const { run, matched } = await make(count, engine);
      const found = matched(await run(0));
      if (JSON.stringify(found) !== '["rule-0"]') throw new Error(`${id} found ${JSON.stringify(found)}`);
      cases.push({ id: `${id} ${count}`, run });
    }
  }
  return cases;
}

function makeReflex(count, { decide, compileConfig, emptyState }) {
  const config = compileConfig(documentsOf(rules(count)));
  const state = emptyState({ kind: 'user', id: 'u1', key: 'key-of-u1' }, NOW);
  const history = new MemoryHistory();
  const { event: name, ...properties } = FACTS;
  return {
    run: (serial) => decide({ state, history, config, now: NOW, event: eventOf(name, serial, properties) }),
    matched: ({ trace }) => trace.filter(({ reason }) => reason === 'sent').map(({ id }) => id),
  };
}

function makeJsonLogic(count) {
  const jsonLogic = load('json-logic-js');
  const logics = rules(count).map(({ id }, i) => ({
    id,
    logic: {
      and: [
        { '==': [{ var: 'event' }, EVENT] },
        { '==': [{ var: 'category' }, `c${i}`] },
        { '<': [{ var: 'price' }, 25] },
      ],
    },
  }));
  return {
    run: () => logics.filter(({ logic }) => jsonLogic.apply(logic, FACTS)),
    matched: (found) => found.map(({ id }) => id),
  };
}

function makeRulesEngine(count) {
  const { Engine } = load('json-rules-engine');
  const engine = new Engine(
    rules(count).map(({ id }, i) => ({
      conditions: {
        all: [
          { fact: 'event', operator: 'equal', value: EVENT },
          { fact: 'category', operator: 'equal', value: `c${i}` },
          { fact: 'price', operator: 'lessThan', value: 25 },
        ],
      },
      event: { type: id },
    })),
  );
  return { run: () => engine.run(FACTS), matched: ({ events }) => events.map(({ type }) => type) };
}

/** One decision table that collects its rows: its own form of many rules alike. */
function makeZen(count) {
  const { ZenEngine } = load('@gorules/zen-engine');
  const position = { x: 0, y: 0 };
  const inputs = ['event', 'category', 'price'].map((field) => ({ id: field, name: field, field }));
  const content = {
    hitPolicy: 'collect',
    inputs,
    outputs: [{ id: 'rule', name: 'rule', field: 'rule' }],
    rules: rules(count).map(({ id }, i) => ({
      _id: id,
      event: `"${EVENT}"`,
      category: `"c${i}"`,
      price: '< 25',
      rule: `"${id}"`,
    })),
  };
  const graph = {
    nodes: [
      { id: 'in', type: 'inputNode', name: 'in', position },
      { id: 'table', type: 'decisionTableNode', name: 'table', position, content },
      { id: 'out', type: 'outputNode', name: 'out', position },
    ],
    edges: [
      { id: 'a', type: 'edge', sourceId: 'in', targetId: 'table' },
      { id: 'b', type: 'edge', sourceId: 'table', targetId: 'out' },
    ],
  };
  const decision = new ZenEngine().createDecision(Buffer.from(JSON.stringify(graph)));
  return {
    run: () => decision.evaluate(FACTS),
    matched: ({ result }) => result.map(({ rule }) => rule),
  };
}
