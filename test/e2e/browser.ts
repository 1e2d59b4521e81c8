import { existsSync } from 'node:fs';
import { watchShiftsAndViolations } from './page-inspection.ts';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect } from 'vitest';

const executables = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Without these, Chromium asks its maker's hosts at each start. */
const quiet = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Long, because the machine may be busy with other tests; a test that passes does not wait for it. */
const patienceMs = 90_000;

/** Polls until it is so. */
export const eventually = <T>(read: () => T | Promise<T>, timeout = patienceMs): ReturnType<typeof expect.poll<T>> =>
  expect.poll(read, { timeout, interval: 100 });

export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? executables.find((path) => existsSync(path));
  if (executablePath === undefined) {
    throw new Error('no Chromium here: install it (apt-get install chromium) or name one in the variable CHROMIUM');
  }
  return chromium.launch({ executablePath, args: quiet });
}

/** What went wrong in a page, gathered while a test runs. */
export interface Complaints {
  /** Console errors and warnings, uncaught errors. */
  readonly errors: string[];
  /** Violations of the Content-Security-Policy, as the browser reports them. */
  readonly violations: string[];
  /** Requests to another origin than the page's. */
  readonly foreign: string[];
}

export interface OpenPage {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: Complaints;
}

export interface OpenOptions extends BrowserContextOptions {
  readonly beforeLoading?: (page: Page) => Promise<void>;
}

export async function openPage(
  browser: Browser,
  url: string,
  { beforeLoading, ...options }: OpenOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(patienceMs);
  const page = await context.newPage();
  const complaints: Complaints = { errors: [], violations: [], foreign: [] };
  await page.exposeFunction('reportViolation', (text: string) => complaints.violations.push(text));
  await page.addInitScript({ content: watchShiftsAndViolations });
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.errors.push(message.text());
  });
  page.on('pageerror', (error) => complaints.errors.push(error.message));
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(url).origin) {
      complaints.foreign.push(request.url());
    }
  });
  await beforeLoading?.(page);
  await page.goto(url);
  await page.locator('#main section').first().waitFor();
  return { page, context, complaints };
}

/** All shifts without input since the page opened, added up: never less than the score that browsers report. */
export async function layoutShift(page: Page): Promise<{ sum: number; shifts: { value: number; what: string }[] }> {
  const shifts = (await page.evaluate('shifts')) as { value: number; what: string }[];
  return { sum: shifts.reduce((total, shift) => total + shift.value, 0), shifts };
}
