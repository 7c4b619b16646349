/**
 * A real Chromium for tests, from npm. `CHROME_PATH` names another browser where that package has no build for the
 * system.
 */
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

/**
 * Not the package's own arguments: they are for scraping in a Lambda and switch off the same-origin policy, which is
 * half of what these tests are about.
 */
const ARGUMENTS = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-proxy-server'];

export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({ executablePath: await browserPath(), args: ARGUMENTS, headless: true });
}

async function browserPath(): Promise<string> {
  const { CHROME_PATH } = process.env;
  if (CHROME_PATH) return CHROME_PATH;
  try {
    return await chromium.executablePath();
  } catch (cause) {
    const message =
      'There is no Chromium from npm for this system; name a Chrome or Chromium in CHROME_PATH and run the tests again.';
    throw new Error(message, { cause });
  }
}
