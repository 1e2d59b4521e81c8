/** The capacity plan on the page of a service. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import { capacityPlanAnswerSchema } from '../../../src/schemas/http/fleet/http-capacity-plan.ts';
import { eventually, launchBrowser, openPage, type OpenPage } from '../browser.ts';
import { openOnce } from '../open-once.ts';
import { faintTexts } from '../page-inspection.ts';

let browser: Browser;
/** What a test opened for itself. */
let fake: FakeControlPlane | undefined;
let opened: OpenPage | undefined;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
async function close(): Promise<void> {
  await opened?.context.close();
  await fake?.close();
  opened = fake = undefined;
}
afterEach(close);

type Look = NonNullable<Parameters<typeof openPage>[2]>;

async function open(scenario: 'scaling' | 'scaling-held' | 'steady', look: Look = {}): Promise<Page> {
  fake = await startFakeControlPlane({ port: 0, scenario });
  fake.pause();
  opened = await openPage(browser, fake.url, look);
  return opened.page;
}

const nothingWrong = { errors: [], violations: [], foreign: [] };

describe('the capacity plan of a service that scales, looked at', () => {
  const opened = openOnce(() => browser, 'scaling');

  it('is read at any width and in both schemes', async () => {
    const { page, complaints } = opened();
    await page.locator('#plan .plan-plots').waitFor();
    await page.locator('#plan summary').click();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        const look = `at ${width} pixels, ${colorScheme}`;
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate('document.documentElement.scrollWidth'), look).toBeLessThanOrEqual(width);
        expect(await page.evaluate(faintTexts), look).toEqual([]);
      }
    }
    expect(complaints).toEqual(nothingWrong);
    await page.locator('#plan summary').click();
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('says when the pool is full, draws it, and has the same numbers as a table', async () => {
    const { page, fake, complaints } = opened();
    const part = page.locator('#plan');
    await eventually(() => part.locator('.plan-said').innerText()).toMatch(
      /^The pool is full on \d{4}-\d\d-\d\d by the estimate\. 90% of the draws: /,
    );
    expect(await part.innerText()).toContain(
      'All replicas have to fit while any one node is lost, of up to 4 devices.',
    );
    expect(await part.locator('.plan-plot h3').allInnerTexts()).toEqual([
      'Replicas at the peak of each week',
      'Devices held by them',
      'Money EUR a week',
    ]);
    await part.locator('summary').click();
    const rows = await part.locator('tbody tr').allInnerTexts();
    expect(rows).toHaveLength(26);
    expect(rows[0]).toMatch(/yes\s+0%$/);
    expect(rows.at(-1)).toMatch(/no\s+100%$/);
    const answer = await (
      await page.request.get(`${fake.url}v1/capacity/plan?service=digits&environment=default`)
    ).json();
    expect(capacityPlanAnswerSchema.parse(answer).missing).toBeNull();
    expect(complaints).toEqual(nothingWrong);
  });

  it('tells the week that is pointed at in all plots, and plans anew for another growth', async () => {
    const { page, fake } = opened();
    const part = page.locator('#plan');
    const reads = (): Promise<string[]> => part.locator('.plan-read').allInnerTexts();
    await eventually(async () => (await reads()).length).toBe(3);
    const last = await reads();
    await part
      .locator('.plan-axes svg[role=img]')
      .first()
      .hover({ position: { x: 3, y: 60 } });
    await eventually(reads).not.toEqual(last);
    const weeks = (await reads()).map((text) => text.slice(0, 'week of 2026-11-29'.length));
    expect(new Set(weeks).size).toBe(1);
    await part.getByRole('button', { name: '+0% a week' }).click();
    await eventually(() => part.locator('.plan-said').innerText()).toContain('is not full by');
    expect(fake.asked.filter((path) => path.includes('/capacity/plan')).at(-1)).toContain('growth=0%25%2Fweek');
  });
});

describe('the capacity plan', () => {
  it('says what is missing with the command that brings it, and is not there where nothing scales', async () => {
    const page = await open('scaling-held');
    await eventually(() => page.locator('#plan .empty').innerText()).toContain('capacity evidence is stale');
    expect(await page.locator('#plan .empty code').innerText()).toBe('plimsoll capacity');
    await close();
    const without = await open('steady');
    await without.locator('#replicas').waitFor();
    expect(await without.locator('#plan').count()).toBe(0);
  });
});
