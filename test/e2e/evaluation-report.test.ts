import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { evaluationHtml } from '../../src/cli/evaluate/evaluation-html.ts';
import { pngOf } from '../../src/cli/report/png.ts';
import type { EvaluationReport } from '../../src/core/evaluation/report.ts';
import { launchBrowser } from './browser.ts';
import { openReport, reportLooks } from './report-page.ts';

const classes = Array.from({ length: 10 }, (_, at) => `class <b>${at}</b>`);
const image = `data:image/png;base64,${Buffer.from(pngOf(28, 28, 1, new Uint8Array(784).fill(90))).toString('base64')}`;
const report: EvaluationReport = {
  service: 'digits',
  environment: 'default',
  verdict: 'inconclusive',
  reasons: ['<img src=x onerror=alert(1)> and a very long reason '.repeat(4)],
  candidate: { model: 'digits', version: 2, digest: 'sha256:0' },
  baselines: [{ named: 'released', model: 'digits', version: 1, digest: 'sha256:1' }],
  dataset: { name: 'digits-holdout', version: 1, rows: 1500, ofRows: 1500 },
  reasoning: ['classification'],
  gates: [],
  metrics: [{ metric: 'accuracy', rows: 1500, value: 0.98, lower: 0.97, upper: 0.99, because: null }],
  confusion: { classes, counts: classes.map((_, row) => classes.map((__, column) => (row === column ? 1_400 : 3))) },
  calibration: [
    {
      fromShare: 0.9,
      toShare: 1,
      rows: 9,
      meanConfidence: 0.97,
      accuracy: 0.95,
      accuracyLower: 0.7,
      accuracyUpper: 0.99,
    },
  ],
  changed: {
    against: 'released',
    rows: 1,
    better: 0,
    worse: 1,
    shown: [{ row: 7, label: '3', candidate: '"><script>alert(1)</script>', baseline: '3', change: 'worse', image }],
  },
  latency: {
    requests: 3,
    rowsPerRequest: 1,
    concurrency: 1,
    p50Ms: 1,
    p90Ms: 2,
    p99Ms: 3,
    maxMs: 3,
    rowsPerSecond: 9_000,
  },
  notes: [],
  next: 'add rows',
};

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await launchBrowser();
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-report-'));
  await writeFile(path.join(folder, 'report.html'), evaluationHtml(report));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

describe('the page of an evaluation', () => {
  it('is whole at any width and in both schemes: no network, no script, nothing wider than the page', async () => {
    const opened = await openReport(browser, path.join(folder, 'report.html'));
    const { page } = opened;
    for (const [width, colorScheme] of reportLooks) {
      const look = `at ${width} pixels in ${colorScheme}`;
      await opened.look(width, colorScheme);
      expect(await page.evaluate<number>('document.documentElement.scrollWidth'), look).toBeLessThanOrEqual(width);
      expect(await page.locator('h1').textContent(), look).toContain('inconclusive');
      expect(await page.evaluate<number>('document.querySelector(".rows img").naturalWidth'), look).toBe(28);
      expect(await page.locator('.rows li').textContent(), look).toContain('<script>alert(1)</script>');
      expect(await opened.inScheme(), look).toBe(true);
      // As if the page had been opened just now: Tab begins at its top.
      await page.evaluate('document.body.tabIndex = -1; document.body.focus()');
      await page.keyboard.press('Tab');
      expect(await page.evaluate<string | null>('document.activeElement.getAttribute("role")'), look).toBe('region');
    }
    expect(opened.complaints).toEqual([]);
    await opened.close();
  });
});
