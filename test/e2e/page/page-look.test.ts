import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import { type Scenario, scenarios } from '../../../dashboard/dev/fake-world.ts';
import { eventually, launchBrowser, layoutShift, type OpenPage, openPage } from '../browser.ts';
import { faintTexts, headingsAndNames, openSubjects, tabbable, watchFocus } from '../page-inspection.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

/** Of these pages all controls are gone through by Tab. */
const reachedByTab: readonly Scenario[] = ['steady', 'stepping', 'failed', 'empty', 'tabular', 'scaling', 'refused'];
const withLandmarks: readonly Scenario[] = [
  'steady',
  'stepping',
  'failed',
  'empty',
  'no-gateway',
  'tabular',
  'scaling',
  'scaling-held',
  'fetching',
  'refused',
  'unknown',
];
const inBothSchemes: readonly Scenario[] = ['steady', 'failed', 'incoming', 'unknown', 'refused'];

async function openAllSubjects(page: Page): Promise<void> {
  await eventually(() => page.evaluate(openSubjects)).toBe(0);
}

describe('what these tests look with', () => {
  it('sees a violation of the policy, a faint text, a control without a name and a shift', async () => {
    const fake = await startFakeControlPlane({ scenario: 'steady', port: 0 });
    const { page, context, complaints } = await openPage(browser, fake.url);
    await page.evaluate(`(() => {
      const planted = document.createElement('div');
      planted.innerHTML = '<p style="color: red">inline</p><p id="faint">faint</p><button></button>';
      document.querySelector('.strip').before(planted);
      document.querySelector('#faint').style.color = '#ccc';
    })()`);
    await eventually(() => complaints.violations.join()).toContain('style-src');
    expect(await page.evaluate(faintTexts)).toContainEqual(expect.stringContaining('faint'));
    expect(await page.evaluate(headingsAndNames)).toContainEqual(expect.stringContaining('no name: <button>'));
    await eventually(async () => (await layoutShift(page)).sum).toBeGreaterThan(0.01);
    await context.close();
    await fake.close();
  });
});

describe('to load', () => {
  it('is under 150 kB compressed, all of it', () => {
    const folder = path.join(import.meta.dirname, '..', '..', '..', 'dashboard', 'dist');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = files.map((file) => gzipSync(readFileSync(path.join(file.parentPath, file.name))).length);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
  });
});

describe('without a jump', () => {
  it.each([360, 1440])(
    'nothing shifts from the first paint through a release that goes live, at %d pixels',
    async (width) => {
      const fake = await startFakeControlPlane({ scenario: 'steady', port: 0 });
      const viewport = { width, height: width < 500 ? 780 : 900 };
      const { page, context } = await openPage(browser, fake.url, { viewport });
      await page.waitForTimeout(1_500);
      fake.world.release(Date.now(), 'ada');
      fake.announce();
      await eventually(() => page.locator('.strip-number').innerText()).toBe('6');
      fake.world.rollBackModel(Date.now(), 'worse on sevens');
      fake.announce();
      await eventually(() => page.locator('.strip-number').innerText()).toBe('7');
      await page.waitForTimeout(1_500);
      const { sum, shifts } = await layoutShift(page);
      await context.close();
      await fake.close();
      expect(sum, JSON.stringify(shifts)).toBeLessThan(0.01);
    },
  );

  it.each([1101, 1440])('nothing below it moves when the health of the service turns, at %d pixels', async (width) => {
    const fake = await startFakeControlPlane({ scenario: 'steady', port: 0 });
    const { page, context } = await openPage(browser, fake.url, { viewport: { width, height: 900 } });
    await page.waitForTimeout(1_500);
    const health = (): Promise<string> => page.locator('.health-said').innerText();
    fake.world.saidHealth = {
      state: 'degraded',
      sentence:
        'Degraded: 1.7% of answers took longer than 100ms for 1m 20s; 1.6% of answers over the last hour, 1% allowed. Last change: release 12 went live 1h 30m ago.',
      sinceMs: Date.now() - 80_000,
      next: 'see what happened: `plimsoll history`',
      change: null,
      recent: null,
    };
    await eventually(health).toMatch(/^Degraded/);
    fake.world.saidHealth = null;
    await eventually(health).toMatch(/^Healthy/);
    const { sum, shifts } = await layoutShift(page);
    await context.close();
    await fake.close();
    expect(sum, JSON.stringify(shifts)).toBeLessThan(0.01);
  });
});

// Each page is opened once, and looked at in all ways one after the other.
describe.each(scenarios)('the page %s', (scenario) => {
  let fake: FakeControlPlane;
  let opened: OpenPage;
  let page: Page;

  beforeAll(async () => {
    fake = await startFakeControlPlane({ scenario, port: 0 });
    opened = await openPage(browser, fake.url);
    ({ page } = opened);
  });
  afterAll(async () => {
    await opened.context.close();
    await fake.close();
  });

  if (reachedByTab.includes(scenario)) {
    it('has every control reached by Tab, and shows it', async () => {
      // A row that comes while Tab is pressed moves all that stand behind it.
      fake.pause();
      const expected = await page.evaluate(tabbable);
      expect(expected.length).toBeGreaterThan(10);
      await page.evaluate(watchFocus);
      const reached = new Map<string, string>();
      // Once through the page; what was not reached then may be on a second way.
      for (let way = 0; way < 2 && reached.size < expected.length; way += 1) {
        for (let press = 0; press < expected.length; press += 1) await page.keyboard.press('Tab');
        const focused = (await page.evaluate('window.reached')) as { id?: string; outline: string }[];
        for (const { id, outline } of focused) if (id !== undefined) reached.set(id, outline);
      }
      expect(expected.filter((id) => !reached.has(id))).toEqual([]);
      for (const [id, outline] of reached) expect(outline, id).not.toBe('none');
      fake.resume();
    });
  }

  if (scenario === 'steady') {
    it('has a skip link that leads to the live release', async () => {
      // As if the page had been opened just now: Tab begins at its top.
      await page.evaluate('document.body.tabIndex = -1; document.body.focus()');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toContain('Skip');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
      await page.evaluate(`document.body.removeAttribute('tabindex')`);
    });

    it('moves nothing when motion is to be reduced', async () => {
      const moving = (): Promise<unknown> =>
        page.evaluate(`[...document.querySelectorAll('*')].filter((element) => {
          const style = getComputedStyle(element);
          return style.transitionDuration !== '0s' || style.animationName !== 'none' || style.scrollBehavior === 'smooth';
        }).length`);
      expect(await moving()).toBeGreaterThan(0);
      await page.emulateMedia({ reducedMotion: 'reduce' });
      expect(await moving()).toBe(0);
      await page.emulateMedia({ reducedMotion: 'no-preference' });
    });
  }

  if (withLandmarks.includes(scenario)) {
    it('has landmarks, headings in order, and a name for each control', async () => {
      await openAllSubjects(page);
      expect(await page.evaluate(headingsAndNames)).toEqual([]);
    });
  }

  if (inBothSchemes.includes(scenario)) {
    it('has text with enough contrast, light and dark', async () => {
      await page.locator('.event-line').first().click();
      await openAllSubjects(page);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(faintTexts), `in the ${colorScheme} scheme`).toEqual([]);
      }
    });
  }

  it('does not scroll sideways at any width', async () => {
    for (const width of [360, 390, 600, 768, 1080, 1440, 2200]) {
      await page.setViewportSize({ width, height: 800 });
      await openAllSubjects(page);
      const sideways = await page.evaluate(`(() => {
        scrollTo(500, 0);
        return Math.max(scrollX, document.documentElement.scrollWidth - innerWidth);
      })()`);
      expect(sideways, `at ${width} pixels`).toBeLessThanOrEqual(0);
    }
  });
});
