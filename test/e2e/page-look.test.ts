import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../dashboard/dev/fake-control-plane.ts';
import { type Scenario, scenarios } from '../../dashboard/dev/fake-world.ts';
import { eventually, launchBrowser, layoutShift, openPage } from './browser.ts';
import { faintTexts, headingsAndNames, tabbable } from './page-inspection.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

interface Look {
  readonly scenario: Scenario;
  readonly width: number;
  readonly scheme?: 'light' | 'dark';
}

async function look<T>(
  { scenario, width, scheme = 'light' }: Look,
  inspect: (page: Page, fake: FakeControlPlane) => Promise<T>,
): Promise<T> {
  const fake = await startFakeControlPlane({ scenario, port: 0 });
  const viewport = { width, height: width < 500 ? 780 : 900 };
  const { page, context } = await openPage(browser, fake.url, { viewport, colorScheme: scheme });
  try {
    return await inspect(page, fake);
  } finally {
    await context.close();
    await fake.close();
  }
}

async function openSubjects(page: Page): Promise<void> {
  for (const button of await page.locator('#evidence th button').all()) await button.click();
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
    const folder = path.join(import.meta.dirname, '..', '..', 'dashboard', 'dist');
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const bytes = files.map((file) => gzipSync(readFileSync(path.join(file.parentPath, file.name))).length);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
  });
});

describe('at any width', () => {
  it.each(scenarios)('the page %s does not scroll sideways', async (scenario) => {
    await look({ scenario, width: 360 }, async (page) => {
      await openSubjects(page);
      for (const width of [360, 390, 600, 768, 1080, 1440, 2200]) {
        await page.setViewportSize({ width, height: 800 });
        const sideways = await page.evaluate(`(() => {
          scrollTo(500, 0);
          return Math.max(scrollX, document.documentElement.scrollWidth - innerWidth);
        })()`);
        expect(sideways, `at ${width} pixels`).toBeLessThanOrEqual(0);
      }
    });
  });
});

describe('without a jump', () => {
  it.each([360, 1440])(
    'nothing shifts from the first paint through a release that goes live, at %d pixels',
    async (width) => {
      const { sum, shifts } = await look({ scenario: 'steady', width }, async (page, fake) => {
        await page.waitForTimeout(1_500);
        fake.world.release(Date.now(), 'ada');
        fake.announce();
        await eventually(() => page.locator('.strip-number').innerText()).toBe('6');
        fake.world.rollBackModel(Date.now(), 'worse on sevens');
        fake.announce();
        await eventually(() => page.locator('.strip-number').innerText()).toBe('7');
        await page.waitForTimeout(1_500);
        return layoutShift(page);
      });
      expect(sum, JSON.stringify(shifts)).toBeLessThan(0.01);
    },
  );

  it('moves nothing when motion is to be reduced', async () => {
    const fake = await startFakeControlPlane({ scenario: 'steady', port: 0 });
    const { page, context } = await openPage(browser, fake.url, { reducedMotion: 'reduce' });
    const moving = await page.evaluate(`[...document.querySelectorAll('*')].filter((element) => {
      const style = getComputedStyle(element);
      return style.transitionDuration !== '0s' || style.animationName !== 'none' || style.scrollBehavior === 'smooth';
    }).length`);
    await context.close();
    await fake.close();
    expect(moving).toBe(0);
  });
});

describe('for everybody', () => {
  it.each(['steady', 'stepping', 'failed', 'empty', 'tabular', 'scaling', 'refused'] as const)(
    'every control of the page %s is reached by Tab, and shows it',
    async (scenario) => {
      await look({ scenario, width: 1440 }, async (page, fake) => {
        // A row that comes while Tab is pressed moves all that stand behind it.
        fake.pause();
        const expected = await page.evaluate(tabbable);
        expect(expected.length).toBeGreaterThan(10);
        const reached = new Set<string>();
        for (let press = 0; press < 2 * expected.length && reached.size < expected.length; press += 1) {
          await page.keyboard.press('Tab');
          const focused = (await page.evaluate(`(() => {
          const element = document.activeElement;
          const shown = element.matches('.samples input') ? element.parentElement : element;
          return { id: element.dataset.tabbable, outline: getComputedStyle(shown).outlineStyle };
        })()`)) as { id?: string; outline: string };
          if (focused.id === undefined) continue;
          reached.add(focused.id);
          expect(focused.outline, focused.id).not.toBe('none');
        }
        expect(expected.filter((id) => !reached.has(id))).toEqual([]);
      });
    },
  );

  it.each([
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
  ] as const)('the page %s has landmarks, headings in order, and a name for each control', async (scenario) => {
    const problems = await look({ scenario, width: 1440 }, async (page) => {
      await openSubjects(page);
      return page.evaluate(headingsAndNames);
    });
    expect(problems).toEqual([]);
  });

  it.each([
    ['steady', 'light'],
    ['steady', 'dark'],
    ['failed', 'light'],
    ['failed', 'dark'],
    ['incoming', 'light'],
    ['incoming', 'dark'],
    ['unknown', 'light'],
    ['unknown', 'dark'],
    ['refused', 'light'],
    ['refused', 'dark'],
  ] as const)('text of the page %s has enough contrast in the %s scheme', async (scenario, scheme) => {
    const faint = await look({ scenario, width: 1440, scheme }, async (page) => {
      await page.locator('.event-line').first().click();
      await openSubjects(page);
      return page.evaluate(faintTexts);
    });
    expect(faint).toEqual([]);
  });

  it('the skip link leads to the live release', async () => {
    await look({ scenario: 'steady', width: 1440 }, async (page) => {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.textContent')).toContain('Skip');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
    });
  });
});
