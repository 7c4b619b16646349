import { parseArgs } from 'node:util';

const DEFAULTS = { seconds: 30, rounds: 3, healthy: 50, hanging: 10 };

/**
 * `healthy` and `hanging` are messages a second to the two endpoints.
 * @returns {{ seconds: number, rounds: number, healthy: number, hanging: number }}
 */
export function isolationOptions(args) {
  const names = Object.keys(DEFAULTS);
  const { values } = parseArgs({
    args,
    options: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
  });
  return Object.fromEntries(names.map((name) => [name, readNumber(name, values[name])]));
}

function readNumber(name, text) {
  if (text === undefined) return DEFAULTS[name];
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  throw new Error(`--${name} must be a whole number above 0; got ${text}`);
}
