/**
 * The tests that a mutation run asks (`stryker.config.json`): all of the node project that reach the engine, but for those
 * that take seconds each, which every mutant would pay, and one that starts a process of its own. So the score is a floor.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    isolate: false,
    include: [
      'src/{engine,protocol,ingest,simulate,profiles,catalog,dispatch,scheduler,store}/**/*.test.ts',
      'tests/{scenarios,cases}/**/*.test.ts',
    ],
    exclude: [
      'src/engine/decide.property.test.ts',
      'src/engine/decide-conditions.property.test.ts',
      'src/engine/time/every-zone.test.ts',
      'src/dispatch/faults.property.test.ts',
      'src/simulate/plain-node.test.ts',
      'src/simulate/simulate-input.test.ts',
    ],
  },
});
