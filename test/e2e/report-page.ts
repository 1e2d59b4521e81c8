import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';

/** Widths in pixels and colour schemes that a report is looked at in. */
export const reportLooks = [
  [1280, 'light'],
  [1280, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const;

export interface OpenReport {
  readonly page: Page;
  /** What no report may do: write to the console, ask, or fetch anything. */
  readonly complaints: readonly string[];
  /** Whether it is as dark or as light as was asked for. */
  inScheme(): Promise<boolean>;
  close(): Promise<void>;
}

export async function openReport(
  browser: Browser,
  file: string,
  width: number,
  colorScheme: 'light' | 'dark',
): Promise<OpenReport> {
  const context = await browser.newContext({ viewport: { width, height: 844 }, colorScheme });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('dialog', (dialog) => complaints.push(dialog.message()));
  page.on('request', (request) => {
    if (!/^(file|data):/.test(request.url())) complaints.push(request.url());
  });
  await page.goto(pathToFileURL(file).href);
  return {
    page,
    complaints,
    async inScheme() {
      const [back, front] = await page.evaluate<[string, string]>(
        '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]',
      );
      const dark = back === 'rgb(13, 17, 23)' && front === 'rgb(230, 237, 243)';
      return dark === (colorScheme === 'dark');
    },
    close: () => context.close(),
  };
}
