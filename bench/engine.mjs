/** What deciding costs as triggers, history and rules grow: `npm run bench:engine`. See README.md. */
import { parseArgs } from 'node:util';
import { loadEngine } from './engine-bundle.mjs';
import { compileCases, historyCases, triggerCases } from './engine-cases.mjs';
import { interleave } from './engine-measure.mjs';
import { peerCases } from './engine-peers.mjs';
import { publishEngine, reportOf } from './engine-report.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '15' },
    publish: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 5 || rounds > 100) {
  console.error(`--rounds is "${values.rounds}"; it must be a whole number from 5 to 100.`);
  process.exit(1);
}

/** Rounds of what is read by single calls that only warm up. */
const WARM_UP = 3;
const engine = await loadEngine();
const compiled = await interleave(compileCases(engine), rounds + WARM_UP);
for (const readings of compiled.values()) readings.splice(0, WARM_UP);
const decided = await interleave([...triggerCases(engine), ...historyCases(engine)], rounds);
const compared = await interleave(await peerCases(engine), rounds);

const report = reportOf({ rounds, compiled, decided, compared });
console.log(report.text);
if (values.publish) publishEngine(report);
