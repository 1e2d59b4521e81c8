import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import type { Scenario } from '../../../dashboard/dev/fake-world.ts';
import { eventually, launchBrowser, layoutShift, type OpenPage, openPage } from '../browser.ts';
import { openOnce } from '../open-once.ts';
import { faintTexts } from '../page-inspection.ts';

let browser: Browser;
const running: FakeControlPlane[] = [];
const opened: OpenPage[] = [];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ context }) => context.close()));
  await Promise.all(running.splice(0).map((fake) => fake.close()));
});

async function open(
  scenario: Scenario,
  options: Parameters<typeof openPage>[2] = {},
): Promise<OpenPage & { readonly fake: FakeControlPlane }> {
  const fake = await startFakeControlPlane({ scenario, port: 0 });
  running.push(fake);
  const page = await openPage(browser, fake.url, options);
  opened.push(page);
  return { ...page, fake };
}

type Found = ReturnType<Page['locator']>;
const scaling = (page: Page): Found => page.locator('#scaling');
const marks = (page: Page): Found => page.locator('.decision-mark');
const readout = (page: Page): Promise<string> => page.locator('.decision-readout').innerText();

describe('a service that scales, looked at', () => {
  const opened = openOnce(() => browser, 'scaling');

  it('tells at a glance what is desired, what is there, why, and who sets the number', async () => {
    const { page, fake, complaints } = opened();
    const view = fake.world.scaling?.view();
    const glance = await scaling(page).locator('.scaling-counts').innerText();
    expect(glance).toMatch(/desired\s+\d[\s\S]*ready\s+\d[\s\S]*loading\s+\d[\s\S]*limits\s+1\s*to\s*8/);
    const gauge = await scaling(page).locator('.scaling-gauge svg').getAttribute('aria-label');
    expect(gauge).toMatch(/^\d replicas? ready, \d loading, \d desired, of 1 to 8$/);
    await eventually(() => scaling(page).locator('.scaling-reason').innerText()).toBe(
      fake.world.scaling?.view().reason ?? '',
    );
    expect(view?.reason).toMatch(/requests\/s expected/);
    expect(await scaling(page).locator('.scaling-source').innerText()).toMatch(
      /Decided (?:now|.* ago)\. Plimsoll sets the number of replicas\./,
    );
    expect(await scaling(page).locator('.scaling-learned').innerText()).toMatch(
      /a replica carries\s+13 requests\/s\s+93% of 14 told \(90% to 96%, 12,400 answers\)[\s\S]*evidence\s+trusted/,
    );
    const charts = await page.evaluate(
      `[...document.querySelectorAll('#scaling .chart')].map((each) => each.ariaLabel)`,
    );
    expect(charts).toEqual([
      expect.stringMatching(/^Replicas over the last 10 min: desired \d, ready \d, loading \d$/),
      expect.stringMatching(/^Arrivals and queue over the last 10 min: arrivals [\d.]+, queued \d+$/),
      expect.stringMatching(/^Batch fill over the last 10 min: fill \d+%$/),
    ]);
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

  it('weighs what idles against what fails, as shares of one whole', async () => {
    const { page } = opened();
    const words = await scaling(page).locator('.idle').innerText();
    expect(words).toMatch(/at work, at most[\s\S]*idle, at least[\s\S]*loading[\s\S]*failed requests\s+\d\.\d\d%/);
    const shares = [...words.matchAll(/(\d+)%\s+[\d.k]+ replica-seconds/g)].map(([, share]) => Number(share));
    expect(shares.length).toBe(3);
    expect(Math.abs(shares.reduce((sum, share) => sum + share, 0) - 100)).toBeLessThanOrEqual(1);
  });

  it('draws starts newest first, with their slowest phase, the failed ones and the budget', async () => {
    const { page } = opened();
    const starts = page.locator('#starts');
    const rows = await starts.locator('li.start-row').allInnerTexts();
    expect(rows.length).toBeGreaterThan(6);
    expect(rows.join('\n')).toMatch(/weights-fetch: \d+%/);
    expect(rows.find((row) => row.includes('failed after'))).toContain('exit status 137');
    expect(rows.filter((row) => row.includes('outlier')).length).toBeGreaterThan(0);
    expect(await starts.locator('.start-budgets').innerText()).toContain('budget of p90: 22 s');
    expect(await starts.locator('li.start-row .timeline-limit').count()).toBe(rows.length);
    expect(await starts.locator('li.start-row svg[role=img]').first().getAttribute('aria-label')).toMatch(
      /schedule: [\d.]+ m?s; .*weights-load \+ engine-init \(merged\)|starting for/,
    );
  });

  it('gives the reason of a decision to a pointer and to the keyboard', async () => {
    const { page } = opened();
    await marks(page).first().waitFor();
    expect(await readout(page)).toContain('Point at a mark, or tap it');
    await marks(page).nth(1).hover();
    await eventually(() => readout(page)).toMatch(/\d\d:\d\d:\d\d\s+\d\s*→[\s\S]*requests\/s expected/);
    await page.mouse.move(4, 4);
    await eventually(() => readout(page)).toContain('Point at a mark');
    await marks(page).first().focus();
    const newest = await readout(page);
    await page.keyboard.press('ArrowLeft');
    await eventually(() => readout(page)).not.toBe(newest);
    expect(await page.locator('.decision-mark[tabindex="0"]').count()).toBe(1);
  });

  it('lists its decisions, and folds the numbers of each one away', async () => {
    const { page, fake } = opened();
    const decisions = scaling(page).locator('.decision');
    const first = decisions.first();
    const isNewest = async (): Promise<boolean> =>
      (await first.innerText()).includes(fake.world.scaling?.decisions.at(-1)?.reason ?? 'none');
    await eventually(isNewest).toBe(true);
    expect(await first.locator('.decision-change').innerText()).toMatch(/\d\s*→\s*(?:to\s*)?\d/);
    expect(await decisions.locator('dl').count()).toBe(0);
    await first.getByRole('button', { name: /numbers/ }).click();
    // A newer decision may have come on top of the one that was opened.
    const unfolded = decisions.filter({ has: page.locator('button[aria-expanded="true"]') });
    expect(await unfolded.locator('dl').innerText()).toMatch(/forecast per second\s+[\d.]+[\s\S]*held\s+unknown/);
  });

  it('is read without scrolling sideways and without effort, at any width and in both schemes', async () => {
    const { page } = opened();
    await scaling(page)
      .getByRole('button', { name: /numbers/ })
      .first()
      .click();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      await marks(page).first().focus();
      for (const colorScheme of ['light', 'dark'] as const) {
        const look = `at ${width} pixels, ${colorScheme}`;
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(faintTexts), look).toEqual([]);
        // A chart takes its new width a frame or two after the window has.
        const beyond = (): Promise<unknown> =>
          page.evaluate(`[...document.querySelectorAll('#scaling *, #starts *')]
          .filter((each) => each.getBoundingClientRect().right > innerWidth && each.closest('svg') === null)
          .map((each) => each.className)`);
        await eventually(beyond).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), look).toBeLessThanOrEqual(0);
      }
    }
  });
});

describe('a service that does not scale', () => {
  const opened = openOnce(() => browser, 'steady');

  it('has no part on scaling', async () => {
    const { page } = opened();
    expect(await scaling(page).count()).toBe(0);
    expect(await page.locator('.section-links a[href="#scaling"]').count()).toBe(0);
  });

  it('has the starts of replicas that run, without any event', async () => {
    const { page } = opened();
    expect(await page.locator('#starts li.start-row').count()).toBeGreaterThanOrEqual(3);
  });
});

describe('a service that scales', () => {
  it('gives the reason of a decision to a finger', async () => {
    const touch = await open('scaling', { hasTouch: true, viewport: { width: 390, height: 780 } });
    await marks(touch.page).first().tap();
    await eventually(() => readout(touch.page)).toMatch(/requests\/s expected/);
  });

  it('says what holds it, and the command that ends that', async () => {
    const { page } = await open('scaling-held');
    const held = await scaling(page).locator('.scaling-held').innerText();
    expect(held).toMatch(/held:[\s\S]*carries is not known[\s\S]*stays as it is\.[\s\S]*plimsoll capacity/);
    expect(await scaling(page).locator('.decisions').innerText()).toContain('None yet');
    expect(await scaling(page).locator('.scaling-counts').innerText()).toMatch(/desired\s+–/);
  });

  it.each([390, 1280])('moves nothing while replicas come and go, at %d pixels', async (width) => {
    const { page, fake } = await open('scaling', { viewport: { width, height: 900 } });
    await page.waitForTimeout(1_500);
    await page.evaluate(`document.querySelector('#scaling').scrollIntoView({ behavior: 'instant' })`);
    for (let second = 1; second <= 240; second += 20) {
      for (let at = second; at < second + 20; at += 1) fake.world.tick(Date.now() + at * 1000);
      fake.announce();
      await page.waitForTimeout(40);
    }
    await page.waitForTimeout(500);
    const { sum, shifts } = await layoutShift(page);
    expect(sum, JSON.stringify(shifts)).toBeLessThan(0.01);
  });
});
