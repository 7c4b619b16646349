/**
 * Holds the layer table of `.dependency-cruiser.cjs` over src/.
 *
 * With a TypeScript that it can't use, dependency-cruiser finds no module at all and reports that none breaks a rule:
 * so it must have seen as many as there are files.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const options = await extractDepcruiseOptions('./.dependency-cruiser.cjs');
const { output } = await cruise(['src'], { ...options, outputType: 'json' }, undefined, {
  tsConfig: extractTSConfig('./tsconfig.json'),
});
const { modules, summary } = JSON.parse(output);
const cruised = modules.filter(({ source }) => source.startsWith('src/') && /\.tsx?$/.test(source)).length;
const files = readdirSync('src', { recursive: true }).filter((name) => /\.tsx?$/.test(name)).length;

for (const { rule, from, to, cycle } of summary.violations) {
  const comment = options.ruleSet.forbidden.find(({ name }) => name === rule.name)?.comment ?? '';
  const path = cycle ? cycle.map(({ name }) => name).join(' → ') : to;
  console.error(`${rule.name}: ${from} → ${path}\n  ${comment}`);
}
if (cruised < files)
  console.error(`Only ${cruised} of ${files} files were read: is this TypeScript supported?`);
console.log(`layers: ${cruised} modules, ${summary.violations.length} breaches`);
process.exit(summary.violations.length > 0 || cruised < files ? 1 : 0);
