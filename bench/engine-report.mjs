import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { COUNTS, HISTORIES } from './engine-cases.mjs';
import { ratio } from './engine-measure.mjs';
import { PEER_COUNTS, PEERS, versionOf } from './engine-peers.mjs';
import { median, summary } from './statistics.mjs';

const [FEW, MANY] = [10, COUNTS.at(-1)];
const [SHORT, LONG] = HISTORIES;
const MAX_RATIO = 1.1;
const MAX_COMPILE_MS = 100;

/** @returns {{ text: string, line: string }} the tables, and one sentence of them */
export function reportOf({ rounds, compiled, decided, compared }) {
  const fires = ratio(decided, `fires-${MANY}`, `fires-${FEW}`);
  const none = ratio(decided, `none-${MANY}`, `none-${FEW}`);
  const history = ratio(decided, `history-${LONG}`, `history-${SHORT}`);
  const indexMs = median(compiled.get('index')) / 1_000;
  const text = [
    ...triggerTable(decided),
    '',
    `10,000 triggers cost ${fires.toFixed(2)} × of 10 where one fires and ${none.toFixed(2)} × where none does; ` +
      `target ≤ ${MAX_RATIO}: ${verdict(Math.max(fires, none) <= MAX_RATIO)}.`,
    '',
    ...table(
      ['10,000 validated triggers', 'CPU ms, median (least–most)'],
      [
        ['compile: the index, closures when they are first used', spread(compiled.get('index'), 1_000, 1)],
        ['compile: the index and every closure', spread(compiled.get('everything'), 1_000, 1)],
        ['one of them published anew, and its first message', spread(compiled.get('change'), 1_000, 1)],
      ],
    ),
    '',
    `Target for compiling ≤ ${MAX_COMPILE_MS} ms: ${verdict(indexMs <= MAX_COMPILE_MS)}.`,
    '',
    ...table(
      ['events in the past', 'CPU µs an event, median (least–most)', `× ${SHORT}`],
      HISTORIES.map((length) => [
        length.toLocaleString('en'),
        spread(decided.get(`history-${length}`)),
        ratio(decided, `history-${length}`, `history-${SHORT}`).toFixed(2),
      ]),
    ),
    '',
    `Four triggers with counted conditions; target ≤ ${MAX_RATIO}: ${verdict(history <= MAX_RATIO)}.`,
    '',
    ...peerTable(compared),
    '',
    `${rounds} rounds, all cases in each; ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}; Node ${process.version}; ` +
      `${new Date().toISOString().slice(0, 10)}, ${commit()}.`,
  ].join('\n');
  const line =
    `Ten thousand triggers that listen to one event cost ${Math.max(fires, none).toFixed(2)} × what ten cost, a past of ` +
    `100,000 events ${history.toFixed(2)} × one of ten, and compiling ten thousand triggers takes ${indexMs.toFixed(0)} ms ` +
    'of CPU (`npm run bench:engine`).';
  return { text, line };
}

function triggerTable(decided) {
  return table(
    ['triggers on the event', 'one fires: CPU µs, median (least–most)', '× 10', 'none fires', '× 10'],
    COUNTS.map((count) => [
      count.toLocaleString('en'),
      spread(decided.get(`fires-${count}`)),
      ratio(decided, `fires-${count}`, `fires-${FEW}`).toFixed(2),
      spread(decided.get(`none-${count}`)),
      ratio(decided, `none-${count}`, `none-${FEW}`).toFixed(2),
    ]),
  );
}

function peerTable(compared) {
  return table(
    [
      'CPU µs an event, median, one rule holds',
      ...PEER_COUNTS.map((count) => `${count.toLocaleString('en')} rules`),
    ],
    PEERS.map(({ id, title }) => [
      versionOf(id) ? `${title} ${versionOf(id)}` : title,
      ...PEER_COUNTS.map((count) => digits(median(compared.get(`${id} ${count}`)))),
    ]),
  );
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
}

function spread(values, unit = 1, decimals = 1) {
  const { median: middle, least, most } = summary(values.map((value) => value / unit));
  return `${middle.toFixed(decimals)} (${least.toFixed(decimals)}–${most.toFixed(decimals)})`;
}

function digits(value) {
  return value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en');
}

function verdict(isMet) {
  return isMet ? 'met' : 'missed';
}

/** Puts the tables into this folder's README, and the sentence into the project's. */
export function publishEngine({ text, line }) {
  put('./README.md', 'engine', text);
  put('../README.md', 'engine', line);
}

function put(path, mark, text) {
  const file = new URL(path, import.meta.url);
  const [before, rest] = readFileSync(file, 'utf8').split(`<!-- ${mark} -->`);
  const after = rest.split(`<!-- /${mark} -->`)[1];
  writeFileSync(file, `${before}<!-- ${mark} -->\n\n${text}\n\n<!-- /${mark} -->${after}`);
}

function commit() {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
  } catch {
    return 'no commit';
  }
}
