/** The admin page in a real browser, as a marketer has it before them. */
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

export interface AdminPage {
  context: BrowserContext;
  page: Page;
  /** What a developer would see in red: faults of the page, and what its policy forbade. */
  faults: string[];
  /** Every host that something was asked of. */
  hosts: Set<string>;
  /** Opens a view: `triggers/price-drop`. */
  see(view: string): Promise<void>;
}

/** What asks whether an id is free answers 404, and a wrong token 401: the browser tells of both in red. */
const EXPECTED = /the server responded with a status of (401|403|404|422)/;

export async function openAdminPage(
  browser: Browser,
  url: string,
  options: { locale?: string; width?: number; colorScheme?: 'light' | 'dark' } = {},
): Promise<AdminPage> {
  const { locale = 'en-US', width = 1280, colorScheme = 'light' } = options;
  const context = await browser.newContext({
    locale,
    viewport: { width, height: 860 },
    reducedMotion: 'reduce',
    colorScheme,
  });
  const page = await context.newPage();
  const faults: string[] = [];
  const hosts = new Set<string>();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !EXPECTED.test(message.text())) faults.push(message.text());
  });
  page.on('request', (request) => {
    if (request.url().startsWith('http')) hosts.add(new URL(request.url()).origin);
  });
  await page.goto(`${url}/admin/`);
  const see = async (view: string) => {
    await page.goto(`${url}/admin/#/${view}`);
    // The address changes first, then the view, and what it asks the server for comes in last.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('[aria-busy]'));
  };
  return { context, page, faults, hosts, see };
}

export async function signIn({ page }: AdminPage, token = 'at_dev'): Promise<void> {
  await page.getByLabel(/Admin token|관리자 토큰/).fill(token);
  await page.keyboard.press('Enter');
}

/** Ids of what axe finds serious or worse. */
export async function seriousViolations(page: Page): Promise<string[]> {
  // An evaluated script is not the page's own: its policy doesn't apply.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations
      .filter(({ impact }) => /serious|critical/.test(impact))
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}
