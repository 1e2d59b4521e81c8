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
  /** From now on it is that wide, in that scheme. */
  look(width: number, colorScheme: 'light' | 'dark'): Promise<void>;
  /** Whether it is as dark or as light as was asked for. */
  inScheme(): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens it 1280 pixels wide, in the light scheme. */
export async function openReport(browser: Browser, file: string): Promise<OpenReport> {
  const height = 844;
  let scheme: 'light' | 'dark' = 'light';
  const context = await browser.newContext({ viewport: { width: 1280, height }, colorScheme: scheme });
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
    async look(width, colorScheme) {
      scheme = colorScheme;
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
    },
    async inScheme() {
      const [back, front] = await page.evaluate<[string, string]>(
        '[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]',
      );
      const dark = back === 'rgb(13, 17, 23)' && front === 'rgb(230, 237, 243)';
      return dark === (scheme === 'dark');
    },
    close: () => context.close(),
  };
}
