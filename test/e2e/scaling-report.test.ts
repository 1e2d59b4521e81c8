import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownProgram } from '../../src/testing/rigs/own-program.ts';
import { launchBrowser } from './browser.ts';
import { openReport, reportLooks } from './report-page.ts';

let browser: Browser;
let folder: string;
let file: string;

beforeAll(async () => {
  browser = await launchBrowser();
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-scaling-report-'));
  file = path.join(folder, 'scaling.html');
  const asked = [
    ...['scale', 'simulate', '--generate', 'silence:rate=4/s,on=2m,off=10m,for=2h', '--curve', 'slots:4,200ms'],
    ...['--start', '20s,fail=1%', '--latency', '2s@p99', '--seeds', '3', '--min', '0', '--to-zero', '--html', file],
  ];
  // It exits with 1: the objective does not survive a last replica that stops.
  await promisify(execFile)(process.execPath, [ownProgram, ...asked]).catch((thrown: unknown) => {
    if ((thrown as { readonly code?: unknown }).code !== 1) throw thrown;
  });
}, 120_000);
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

describe('the page of a simulation', () => {
  it('is whole at any width and in both schemes: no network, no script, nothing wider than the page', async () => {
    const opened = await openReport(browser, file);
    const { page } = opened;
    for (const [width, colorScheme] of reportLooks) {
      const look = `at ${width} pixels in ${colorScheme}`;
      await opened.look(width, colorScheme);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth'), look).toBeLessThanOrEqual(width);
      expect(await page.locator('h1').textContent(), look).toContain('fail');
      expect(await page.locator('h2').allTextContents(), look).toEqual(
        expect.arrayContaining(['Over time, with the first seed', 'Idle gaps']),
      );
      expect(await page.locator('svg.plot').count(), look).toBeGreaterThanOrEqual(3);
      expect(await opened.inScheme(), look).toBe(true);
    }
    expect(opened.complaints).toEqual([]);
    await opened.close();
  });

  it('shows the reason of a decision to a pointer and to the keyboard, and all of them as a list', async () => {
    const opened = await openReport(browser, file);
    const { page } = opened;
    const mark = page.locator('.mark').nth(1);
    const tip = mark.locator('.tip');
    expect(await tip.isVisible()).toBe(false);
    await mark.hover();
    expect(await tip.isVisible()).toBe(true);
    expect(await tip.locator('div').innerText()).toMatch(/requests\/s expected in|wait/);
    await page.mouse.move(0, 0);
    await page.locator('.mark').first().focus();
    await page.keyboard.press('Tab');
    expect(await tip.isVisible()).toBe(true);
    const list = page.locator('details', { hasText: 'that changed the count' }).first();
    await list.locator('summary').first().click();
    expect(await list.locator('tbody tr').count()).toBeGreaterThan(1);
    expect(await list.locator('td.words').first().isVisible()).toBe(true);
    await opened.close();
  });

  it('shows in one colour of its own how long the last replica is kept cheapest', async () => {
    const opened = await openReport(browser, file);
    const bars = opened.page.locator('svg[aria-label^="Cost of keeping"] rect');
    const colours = await bars.evaluateAll((all) => all.map((bar) => bar.getAttribute('fill')));
    expect(colours.length).toBeGreaterThan(5);
    expect(colours.filter((colour) => colour === 'var(--pass)')).toHaveLength(1);
    await opened.close();
  });
});
