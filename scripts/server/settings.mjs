/**
 * What `npm start` reads from its environment.
 *
 * @typedef {object} Settings
 * @property {number} port      PORT, 8787 unless given
 * @property {string} stateDir  STATE_DIR, `.state` unless given, absolute; kept between runs
 * @property {boolean} demo     DEMO, `0` starts without the demo shop
 */
import { resolve } from 'node:path';
import { StartError } from './start-error.mjs';

/** @returns {Settings} */
export function readSettings(env) {
  return { port: readPort(env.PORT), stateDir: resolve(env.STATE_DIR || '.state'), demo: env.DEMO !== '0' };
}

function readPort(text) {
  if (text === undefined || text === '') return 8787;
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
    throw new StartError(`PORT is "${text}"; it must be a whole number from 1 to 65535.`);
  }
  return port;
}
