import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import type { Scenario } from '../../../dashboard/dev/fake-world.ts';
import type { SlicesStatus } from '../../../src/core/monitoring/slices/slice-status.ts';
import { eventually, launchBrowser, layoutShift, type OpenPage, openPage } from '../browser.ts';
import { openOnce } from '../open-once.ts';
import { faintTexts, headingsAndNames } from '../page-inspection.ts';

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

interface Asked {
  readonly options?: Parameters<typeof openPage>[2];
  readonly readOnly?: boolean;
  readonly refuseOrders?: boolean;
}

async function open(
  scenario: Scenario,
  { options = {}, ...more }: Asked = {},
): Promise<OpenPage & { readonly fake: FakeControlPlane }> {
  const fake = await startFakeControlPlane({ scenario, port: 0, ...more });
  running.push(fake);
  const page = await openPage(browser, fake.url, options);
  opened.push(page);
  return { ...page, fake };
}

/** The watch has something new to tell: an event of it makes the page ask. */
function tellOfDrift(fake: FakeControlPlane): void {
  const seq = (fake.world.events.at(-1)?.seq ?? 0) + 1;
  const about = { service: 'digits', environment: 'default', by: 'watch', atMs: Date.now(), seq };
  const event = { ...about, kind: 'drift.alarm', summary: 'Drift', data: {} };
  fake.world.events = [...fake.world.events, event];
  fake.world.onEvent(event);
}

const beyondWidth = `[...document.querySelectorAll('#drift *')]
  .filter((each) => each.getBoundingClientRect().right > innerWidth && each.closest('svg') === null)
  .map((each) => each.className)`;
const unknownDistance = 'unknown: no such rows were evaluated';
const madeUpSlices: SlicesStatus = {
  follows: ['image.mean', 'probabilities.class'],
  by: [
    {
      ...{ feature: 'region', state: 'fixed', because: '1 value and all others' },
      slices: [
        {
          ...{ name: 'region=north', rows: 4_210, windows: 210, series: 12, judged: 12, capitalShare: 0.4 },
          ...{ isLatched: true, because: '12 of 12 series are judged' },
          distance: { measured: 4, unknown: 0, outside: 1 },
        },
        {
          ...{ name: 'region=(other)', rows: 90, windows: 4, series: 0, judged: 0, capitalShare: 0, isLatched: false },
          ...{ because: 'unknown: 396 more windows are needed', distance: null },
        },
      ],
    },
  ],
};

type Found = ReturnType<Page['locator']>;
const drift = (page: Page): Found => page.locator('#drift');
const standing = (page: Page): Promise<string> => drift(page).locator('.drift-standing').innerText();
const reasonField = (page: Page): Found => page.locator('.confirmation input:focus');
const alarms = (page: Page): Found => drift(page).locator('article.drift-alarm');

describe('a service whose answers are watched', () => {
  const opened = openOnce(() => browser, 'watching');

  it('says in one line what runs, and draws each feature beside its reference', async () => {
    const { page, complaints } = opened();
    expect(await standing(page)).toMatch(/^Watching: replicas are compared/);
    expect(await drift(page).locator('.part-aside').innerText()).toBe('1 per 30d; 2 detectors run');
    const charts = await drift(page).locator('.drift-feature .drift-plot-value svg').all();
    expect(charts).toHaveLength(6);
    const names = await Promise.all(charts.map((chart) => chart.getAttribute('aria-label')));
    expect(names.join('\n')).toMatch(/image\.contrast: mean 0\.1\d+, evaluated 0\.13 \(0\.1 to 0\.16\)/);
    expect(await drift(page).locator('.drift-feature .drift-band').count()).toBe(6);
    expect(await drift(page).locator('.drift-total svg').getAttribute('aria-label')).toMatch(
      /^Evidence: .* of 1, no alarm$/,
    );
    await drift(page).getByRole('button', { name: '6 more features' }).click();
    expect(await drift(page).locator('.drift-feature').count()).toBe(12);
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

  it('shows quality between its limits, with what labels are missing and how late they come', async () => {
    const { page } = opened();
    const quality = drift(page).getByRole('region', { name: 'Quality by labels' });
    expect(await quality.locator('svg.drift-risk').getAttribute('aria-label')).toBe(
      'accuracy: live risk 0.021 to 0.044, evaluated 0.022 to 0.04, limit 0.06',
    );
    const words = await quality.innerText();
    expect(words).toMatch(/cohorts that matured\s+312[\s\S]*82%: 4,198 of 5,120[\s\S]*median 45 min, 95% within 3 h/);
    expect(words).toContain('early labels are no fair sample');
  });

  it('has a row for each slice with what is missing of it, at any width', async () => {
    const { page, fake, complaints } = opened();
    const table = drift(page).getByRole('region', { name: 'Slices by region' });
    expect(await table.count()).toBe(0);
    fake.world.drift.slices = madeUpSlices;
    tellOfDrift(fake);
    await eventually(() => table.count()).toBe(1);
    const rows = await table.locator('tbody tr').allInnerTexts();
    expect(rows.map((row) => row.split(/\s*\t\s*/))).toEqual([
      ['region=north', '4,210 in 210 windows', 'alarm', '12 of 12 series are judged', '1 outside the tolerance'],
      [
        'region=(other)',
        '90 in 4 windows',
        'under 0.000001 of 1',
        'unknown: 396 more windows are needed',
        unknownDistance,
      ],
    ]);
    expect(await table.innerText()).toContain('Each follows image.mean, probabilities.class.');
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await page.evaluate(faintTexts), `at ${width} pixels`).toEqual([]);
      expect(await page.evaluate(headingsAndNames), `at ${width} pixels`).toEqual([]);
      expect(await page.evaluate(beyondWidth), `at ${width} pixels`).toEqual([]);
    }
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

  it('is unknown, with what is missing', async () => {
    const { page, fake } = opened();
    fake.world.drift.because = 'no request was captured yet';
    tellOfDrift(fake);
    await eventually(() => standing(page)).toBe('Unknown: no request was captured yet');
    fake.world.drift.because = null;
    tellOfDrift(fake);
    await eventually(() => standing(page)).toMatch(/^Watching/);
  });

  it('asks for all windows that are kept, and for the watch again when an event of it came', async () => {
    const { page, fake } = opened();
    expect(fake.asked.filter((path) => path.startsWith('/v1/drift/history')).join()).toContain('last=120');
    await drift(page).getByRole('button', { name: 'all that are kept' }).click();
    await eventually(() => Promise.resolve(fake.asked.join())).toContain('/v1/drift/history?last=2000');
    fake.world.drift.move(Date.now());
    tellOfDrift(fake);
    await eventually(() => standing(page)).toBe('2 alarms open: image.mean, group probabilities');
  });

  it('is not spoken of by an older control plane', async () => {
    const older = await open('steady');
    await eventually(() => standing(older.page)).toContain('nothing is captured');
    older.fake.world.drift.isServed = false;
    await older.page.reload();
    await older.page.locator('#events').waitFor();
    expect(await drift(older.page).count()).toBe(0);
    expect(await older.page.locator('.section-links a[href="#drift"]').count()).toBe(0);
  });
});

describe('an open drift alarm, looked at', () => {
  const opened = openOnce(() => browser, 'drift');

  it('tells its cause, what was observed and the remedy, or what would decide', async () => {
    const { page } = opened();
    const [first, second] = await alarms(page).allInnerTexts();
    expect(first).toMatch(/image\.mean[\s\S]*went from 0\.13 up to 0\.872[\s\S]*Cause: data/);
    expect(first).toMatch(/golden replays[\s\S]*pass on 2 replicas[\s\S]*inputs[\s\S]*left the reference/);
    expect(
      await alarms(page).first().getByRole('button', { name: 'Copy the command plimsoll drift samples' }).count(),
    ).toBe(1);
    expect(second).toMatch(/No cause is named:[\s\S]*What would decide:[\s\S]*plimsoll golden record/);
    expect(await drift(page).locator('.drift-feature').first().innerText()).toMatch(/image\.mean\s+alarm/);
    expect(await drift(page).locator('.drift-feature').first().locator('.drift-mark').count()).toBe(2);
  });

  it('shows the newest requests as pictures, and only when somebody asks', async () => {
    const { page, fake } = opened();
    const samples = (): readonly string[] => fake.asked.filter((path) => path.startsWith('/v1/drift/samples'));
    expect(samples()).toEqual([]);
    await alarms(page).first().getByRole('button', { name: 'Show the newest requests' }).click();
    await drift(page).locator('.drift-images canvas').first().waitFor();
    expect(samples()).toHaveLength(1);
    const inks = (await page.evaluate(`(() => {
      const canvas = document.querySelector('.drift-images canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, 28, 28);
      return [data[3], Math.min(...[...data].filter((_, at) => at % 4 === 3))];
    })()`)) as [number, number];
    expect(inks[0]).toBe(255);
    expect(inks[1]).toBeLessThan(40);
    expect(await page.evaluate('document.activeElement.id')).toBe('drift-samples-title');
    await drift(page).getByRole('button', { name: 'Close' }).click();
    expect(await drift(page).locator('.drift-samples').count()).toBe(0);
  });

  it('is read without scrolling sideways and without effort, at any width and in both schemes', async () => {
    const { page } = opened();
    await alarms(page).first().getByRole('button', { name: 'Show the newest requests' }).click();
    await alarms(page).first().getByRole('button', { name: 'Acknowledge' }).click();
    await drift(page).locator('.drift-images canvas').first().waitFor();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        const look = `at ${width} pixels, ${colorScheme}`;
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(faintTexts), look).toEqual([]);
        expect(await page.evaluate(headingsAndNames), look).toEqual([]);
        expect(await page.evaluate(beyondWidth), look).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), look).toBeLessThanOrEqual(0);
      }
    }
  });
});

describe('an open drift alarm', () => {
  it('is acknowledged with a reason, by the keyboard alone', async () => {
    const { page, fake } = await open('drift');
    await alarms(page).first().getByRole('button', { name: 'Acknowledge' }).focus();
    await page.keyboard.press('Enter');
    await reasonField(page).waitFor();
    await page.keyboard.press('Enter');
    expect(await alarms(page).first().locator('.confirmation .tone-bad').innerText()).toBe('Write a reason first.');
    await page.keyboard.type('inverted by a client, which was told');
    await page.keyboard.press('Enter');
    await eventually(() => standing(page)).toBe('1 alarm open: group probabilities');
    expect(await page.evaluate('document.activeElement.className')).toContain('drift-scroll');
    expect(fake.world.drift.acknowledged).toEqual([
      {
        ...{ service: 'digits', environment: 'default', alarm: { kind: 'feature', name: 'image.mean' } },
        ...{ reason: 'inverted by a client, which was told', newReference: false },
      },
    ]);
    await alarms(page).first().getByRole('button', { name: 'Set a new reference' }).click();
    await reasonField(page).waitFor();
    await page.keyboard.press('Escape');
    await eventually(() => page.locator('.confirmation').count()).toBe(0);
    await alarms(page).first().getByRole('button', { name: 'Set a new reference' }).click();
    await reasonField(page).waitFor();
    await page.keyboard.type('this is how it is now');
    await page.keyboard.press('Enter');
    await eventually(() => standing(page)).toMatch(/^Watching/);
    expect(fake.world.drift.acknowledged.at(-1)).toMatchObject({ newReference: true });
  });

  it('says in place why an order was refused', async () => {
    const { page } = await open('drift', { refuseOrders: true });
    await alarms(page).first().getByRole('button', { name: 'Acknowledge' }).click();
    await reasonField(page).waitFor();
    await page.keyboard.type('no matter');
    await page.keyboard.press('Enter');
    await eventually(() => alarms(page).first().getByRole('alert').innerText()).toMatch(/Not done: .*role operate/);
    expect(await alarms(page).count()).toBe(2);
  });

  it('offers orders and requests of clients to those alone who operate the service', async () => {
    const { page } = await open('drift', { readOnly: true });
    await eventually(() => alarms(page).first().innerText()).toContain('Whoever has the role operate acknowledges it.');
    expect(
      await alarms(page)
        .getByRole('button', { name: /Acknowledge|reference|requests/ })
        .count(),
    ).toBe(0);
  });
});

describe('the look of it', () => {
  it.each([390, 1280])('nothing moves when an alarm opens and goes, at %d pixels', async (width) => {
    const { page, fake } = await open('watching', { options: { viewport: { width, height: 900 } } });
    await page.waitForTimeout(800);
    await page.evaluate(`document.querySelector('#drift').scrollIntoView({ behavior: 'instant' })`);
    fake.world.drift.move(Date.now());
    tellOfDrift(fake);
    await alarms(page).first().waitFor();
    if (fake.world.drift !== null) fake.world.drift.alarms = [];
    tellOfDrift(fake);
    await eventually(() => alarms(page).count()).toBe(0);
    await page.waitForTimeout(300);
    const { sum, shifts } = await layoutShift(page);
    expect(sum, JSON.stringify(shifts)).toBeLessThan(0.01);
  });
});
