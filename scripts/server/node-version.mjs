/**
 * The tools need Node 22.12 or newer. npm scripts run on the one that the optional package `node` installs, so this
 * is seen only where that package has no build for the platform, or where the file is run by hand.
 *
 * This file and what imports it before the check must parse on Node 20.
 */
const NEEDED = [22, 12];

/** @returns {string | null} why this Node can't be used, as a sentence */
export function refuseOldNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return null;
  return (
    `Reflex needs Node ${NEEDED.join('.')} or newer and this is Node ${version}: start it with \`npm start\` after ` +
    '`npm ci`, which brings a suitable Node along, or install one where npm has none for this system.'
  );
}
