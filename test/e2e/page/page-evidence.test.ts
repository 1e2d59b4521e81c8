/** What the page says of requests for a release, of the evidence and its subjects, and before the first release. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { askIn } from '../../../dashboard/dev/fake-asks.ts';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import type { Scenario } from '../../../dashboard/dev/fake-world.ts';
import { eventually, launchBrowser, layoutShift, type OpenPage, openPage } from '../browser.ts';
import { openOnce } from '../open-once.ts';

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
const asks = (page: Page): Found => page.locator('#releases .asks');
const row = (page: Page, kind: string): Found =>
  page.locator('.evidence-table > tbody > tr', { hasText: kind }).first();
const incoming = (page: Page): Promise<string> => page.locator('.strip-cell', { hasText: 'Incoming' }).innerText();

describe('a request for a release', () => {
  it('is shown above the releases and in the strip, from its request to its release, without a reload', async () => {
    const { page, fake, complaints } = await open('steady');
    expect(await asks(page).count()).toBe(0);
    fake.world.asks = [askIn('requested', Date.now())];
    fake.announce();
    await eventually(() => asks(page).innerText()).toMatch(/A release is requested\s+it was not looked at yet/);
    expect(await asks(page).innerText()).toMatch(/by ci, bundle [0-9a-f]{12}/);
    expect(await incoming(page)).toMatch(/Requested\s+requested by ci/);
    fake.world.asks = [askIn('fetching', Date.now())];
    fake.announce();
    await eventually(() => asks(page).innerText()).toMatch(
      /being fetched\s+1\.2 GB of 4 GB\s+its model is fetched from s3:/,
    );
    expect(await asks(page).getByRole('progressbar', { name: 'Of the model fetched' }).getAttribute('value')).toBe(
      '1200000000',
    );
    expect(await incoming(page)).toMatch(/Fetching a model[\s\S]*1\.2 GB of 4 GB/);
    fake.world.asks = [];
    fake.world.release(Date.now(), 'ci');
    fake.announce();
    await eventually(() => incoming(page)).toContain('Release 6');
    expect(await asks(page).count()).toBe(0);
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

  it('that was refused says why, and the command that comes next; an open one takes its place', async () => {
    const { page, fake } = await open('refused', { permissions: ['clipboard-read', 'clipboard-write'] });
    expect(await asks(page).innerText()).toMatch(/The last request was refused\s+evaluation evidence is stale/);
    await asks(page).getByRole('button', { name: 'Copy the command plimsoll evaluate' }).click();
    await eventually(() => page.evaluate('navigator.clipboard.readText()')).toBe('plimsoll evaluate');
    expect(await incoming(page)).toContain('The last request was refused');
    fake.world.asks = [askIn('requested', Date.now()), ...fake.world.asks];
    fake.announce();
    await eventually(() => asks(page).innerText()).toContain('A release is requested');
    expect(await asks(page).innerText()).not.toContain('refused');
  });

  it.each([390, 1440])('comes and goes without moving what is below it, at %d pixels', async (width) => {
    const { page, fake } = await open('steady', { viewport: { width, height: 900 } });
    await page.waitForTimeout(1_500);
    const heightOf = (): Promise<unknown> => page.evaluate('document.documentElement.scrollHeight');
    const before = await heightOf();
    for (const state of ['requested', 'fetching', 'refused'] as const) {
      fake.world.asks = [askIn(state, Date.now())];
      fake.announce();
      await eventually(() => asks(page).locator(`.ask-${state}`).count()).toBe(1);
      expect(await heightOf()).toBe(before);
    }
    const { sum, shifts } = await layoutShift(page);
    expect(sum, JSON.stringify(shifts)).toBeLessThan(0.01);
  });
});

describe('evidence', () => {
  const opened = openOnce(() => browser, 'steady');

  it('opens to its subjects by keyboard: who knows each, what was measured and what is there, with what moved', async () => {
    const { page, complaints } = opened();
    const button = page.getByRole('button', { name: 'Subjects of evaluation: 4 moved' });
    await button.focus();
    await page.keyboard.press('Enter');
    const subjects = page.getByRole('table', { name: 'Subjects of evaluation' });
    const lines = await subjects.locator('tbody tr').allInnerTexts();
    expect(
      lines.map((line) =>
        line
          .split(/\s*\t\s*/)
          .slice(0, 2)
          .join(': '),
      ),
    ).toEqual([
      'code: the bundle',
      'model: the bundle',
      'dataset: claimed by the lock',
      'evaluation-question: the bundle',
      'runtime: the nodes',
      'previous-model: the store',
    ]);
    expect(lines[0]).toMatch(/([0-9a-f]{12})\s+\1$/);
    expect(lines[1]).toMatch(/([0-9a-f]{12})\s+(?!\1)[0-9a-f]{12}\s+moved$/);
    expect(lines[5]).toMatch(/not there\s+[0-9a-f]{12}\s+moved$/);
    await page.getByRole('button', { name: 'Subjects of cold-start: 1 moved' }).click();
    expect(await page.getByRole('table', { name: 'Subjects of cold-start' }).innerText()).toContain(
      'moved, still holds',
    );
    await button.press('Enter');
    expect(await subjects.count()).toBe(0);
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

  it('that is unknown is neither fresh nor missing: a shape and a colour of its own, and why', async () => {
    const { page } = await open('unknown');
    const steady = opened();
    const lookOf = async (shown: Page, freshness: string): Promise<readonly unknown[]> => {
      const glyph = `.evidence-${freshness} .evidence-freshness .with-glyph`;
      const colour = await shown.evaluate(`getComputedStyle(document.querySelector('${glyph}')).color`);
      return [await shown.locator(`${glyph} svg`).first().innerHTML(), colour];
    };
    const unknown = await lookOf(page, 'unknown');
    expect(unknown[1]).toMatch(/^rgb/);
    for (const freshness of ['fresh', 'stale', 'missing']) {
      const [shape, colour] = await lookOf(steady.page, freshness);
      expect([unknown[0], freshness]).not.toEqual([shape, freshness]);
      expect([unknown[1], freshness]).not.toEqual([colour, freshness]);
    }
    expect(await row(page, 'golden').innerText()).toMatch(/unknown[\s\S]*the present runtime is not known: no replica/);
    expect(await page.locator('#evidence .part-aside').innerText()).toBe('0 of 2 fresh and passing');
    await page.getByRole('button', { name: 'Subjects of golden: 1 not known' }).click();
    expect(await page.getByRole('table', { name: 'Subjects of golden' }).innerText()).toMatch(/runtime[^\n]*not known/);
    expect(await page.locator('#readiness').innerText()).toContain('plimsoll doctor');
  });

  it('names the release that it is of, and follows it', async () => {
    const { page, fake } = opened();
    expect(await page.getByRole('region', { name: 'Evidence of release 5' }).count()).toBe(1);
    fake.world.rollBackModel(Date.now(), 'worse on sevens');
    fake.announce();
    await eventually(() => page.locator('#evidence-title').innerText()).toBe('Evidence of release 6');
  });
});

describe('before the first release', () => {
  it('each part says so calmly and names the next command; the first request is shown as such', async () => {
    const { page, fake, complaints } = await open('empty');
    expect(await page.locator('#evidence-title').innerText()).toBe('Evidence');
    expect(await page.locator('#evidence .empty').innerText()).toMatch(/No release yet[\s\S]*plimsoll check/);
    expect(await page.locator('#readiness .empty').innerText()).toMatch(/Not answered yet[\s\S]*plimsoll doctor/);
    expect(await page.locator('#releases .empty').innerText()).toMatch(/No release yet[\s\S]*plimsoll release/);
    fake.world.asks = [askIn('fetching', Date.now())];
    fake.announce();
    await eventually(() => asks(page).innerText()).toContain('1.2 GB of 4 GB');
    expect(await incoming(page)).toContain('Fetching a model');
    expect(complaints.errors).toEqual([]);
  });
});
