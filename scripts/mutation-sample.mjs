/**
 * A mutation score of the engine from a random share of its lines: all of its mutants would take hours.
 *
 *     npm i --no-save @stryker-mutator/core@10.1.1 @stryker-mutator/vitest-runner@10.1.1     (Node 22 or newer)
 *     node scripts/mutation-sample.mjs SEED SHARE        share 0–1 of the lines; 0.025 are some 500 mutants, 15 minutes
 *     node scripts/mutation-sample.mjs --survivors reports/mutation-SEED.json
 *
 * Only mutants of one or two lines are in the sample. Those that empty a longer body are nearly always caught, so that the
 * figure errs downwards. Mutants of what is evaluated once, on loading (`ignoreStatic`), count neither way.
 */
import { spawnSync } from 'node:child_process';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [first, second] = process.argv.slice(2);
if (first === '--survivors') tell(second);
else run(Number(first), Number(second));

function run(seed, share) {
  if (!Number.isInteger(seed) || !(share > 0 && share <= 1)) {
    throw new Error('Usage: node scripts/mutation-sample.mjs SEED SHARE (a whole number, and 0–1)');
  }
  const report = `reports/mutation-${seed}.json`;
  const config = JSON.parse(readFileSync('stryker.config.json', 'utf8'));
  const file = `reports/stryker-${seed}.json`;
  const sample = { ...config, mutate: sampled(seed, share), jsonReporter: { fileName: report } };
  mkdirSync('reports', { recursive: true });
  writeFileSync(file, JSON.stringify(sample));
  const { status } = spawnSync('npx', ['stryker', 'run', file], { stdio: 'inherit' });
  if (status === 0) tell(report);
  process.exitCode = status ?? 1;
}

/** Ranges of two lines each, as Stryker writes them. Blank lines, comments and imports hold no mutant. */
function sampled(seed, share) {
  const random = uniform(seed);
  const files = globSync('src/engine/**/*.ts')
    .filter((file) => !file.endsWith('.test.ts') && !file.includes('/testing/'))
    .sort();
  return files.flatMap((file) =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const isDrawn = random() < share;
        const isCode = line.trim() !== '' && !/^\s*(\*|\/\*|\/\/|import )/.test(line);
        return isDrawn && isCode ? [`${file}:${index + 1}-${index + 2}`] : [];
      }),
  );
}

/** The same lines for the same seed, on any machine. */
function uniform(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The score with its sampling error (95 %), and each mutant that no test caught, by file. */
function tell(report) {
  const { files } = JSON.parse(readFileSync(report, 'utf8'));
  const mutants = Object.entries(files).flatMap(([file, { source, mutants: own }]) =>
    own.map((mutant) => ({
      ...mutant,
      file,
      code: source.split('\n')[mutant.location.start.line - 1].trim(),
    })),
  );
  const caught = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length;
  const missed = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage');
  for (const { file, location, status, mutatorName, replacement, code } of missed) {
    console.log(`${file}:${location.start.line} ${status} ${mutatorName}\n  ${code}\n  → ${replacement}`);
  }
  const all = caught + missed.length;
  const share = caught / all;
  const error = 1.96 * Math.sqrt((share * (1 - share)) / all);
  console.log(`${caught} of ${all} caught: ${(100 * share).toFixed(1)} % ± ${(100 * error).toFixed(1)}`);
}
