/**
 * Runs all tests, as `npm test` does, and closes with one line that a machine can read: `N passed, N failed`.
 *
 * The counts are vitest's own. A run that ends without a report (the runner crashed), that counts no test, or that
 * vitest itself calls failed for another reason (an unhandled error, a file that doesn't load) counts as a failure.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'reflex-tests-'));
const report = join(folder, 'report.json');
const { status } = spawnSync(
  'npm',
  ['test', '--', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  {
    stdio: 'inherit',
  },
);
const { passed, failed, skipped } = count(read(report));
rmSync(folder, { recursive: true, force: true });

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exit(status === 0 && failed === 0 && passed > 0 ? 0 : 1);

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/** A file that fails as a whole holds no test that could be counted: it counts as one. */
function count(result) {
  if (!result) return { passed: 0, failed: 1, skipped: 0 };
  const brokenFiles = result.testResults.filter(
    ({ status: verdict, assertionResults }) =>
      verdict === 'failed' && !assertionResults.some((one) => one.status === 'failed'),
  ).length;
  const failed = result.numFailedTests + brokenFiles;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && !(result.success && status === 0) ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
