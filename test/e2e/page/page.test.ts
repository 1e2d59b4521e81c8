import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import type { Scenario } from '../../../dashboard/dev/fake-world.ts';
import { eventually, launchBrowser, type OpenPage, openPage } from '../browser.ts';
import { expectNothingEmpty, icon, outcome, said } from '../page-parts.ts';

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

async function start(
  scenario: Scenario,
  more: Partial<Parameters<typeof startFakeControlPlane>[0]> = {},
): Promise<FakeControlPlane> {
  const fake = await startFakeControlPlane({ scenario, port: 0, ...more });
  running.push(fake);
  return fake;
}

async function open(fake: FakeControlPlane, options: Parameters<typeof openPage>[2] = {}): Promise<OpenPage> {
  const page = await openPage(browser, fake.url, options);
  opened.push(page);
  return page;
}

describe('what runs', () => {
  it('follows a rollback of the model without a reload', async () => {
    const fake = await start('steady');
    const { page, complaints } = await open(fake);
    fake.world.rollBackModel(Date.now(), 'worse on sevens');
    fake.announce();
    await eventually(() => page.locator('.strip-number').innerText()).toBe('6');
    expect(await page.locator('.strip').innerText()).toContain('digits:1');
    expect(await page.locator('.release').first().innerText()).toMatch(
      /6[\s\S]*live[\s\S]*rollback of the model from release 5/,
    );
    expect(await page.locator('.bars').innerText()).toContain('worse on sevens');
    expect(await page.locator('.strip').innerText()).toMatch(/Barred: model \w{12}, worse on sevens/);
    expect(await page.locator('.event').first().innerText()).toContain('all traffic to release 6');
    expect(complaints.errors).toEqual([]);
  });

  it('shows a release on its way in, its replica growing on the timeline, and what became of one that failed', async () => {
    const { page } = await open(await start('incoming'));
    expect(await page.locator('.strip').innerText()).toMatch(/Release 6 starting/);
    const width = (): Promise<string | null> => page.locator('.timeline-under-way').first().getAttribute('width');
    const label = (): Promise<string | null> => page.locator('.timeline').first().getAttribute('aria-label');
    const before = await label();
    expect(await width()).toMatch(/%$/);
    await eventually(label).not.toBe(before);
    const failed = await open(await start('failed'));
    expect(await failed.page.locator('.strip').innerText()).toMatch(/Release 6 failed[\s\S]*golden case 17/);
    const reason = failed.page.locator('.strip .clipped-2');
    const cutPx = (): Promise<number> => reason.evaluate((text) => text.scrollHeight - text.clientHeight);
    expect(await cutPx()).toBeGreaterThan(10);
    await failed.page.getByRole('button', { name: 'more of why release 6 failed' }).click();
    expect(await cutPx()).toBe(0);
    await failed.page.getByRole('button', { name: 'less of why release 6 failed' }).click();
    expect(await cutPx()).toBeGreaterThan(10);
  });

  it.each(['stepping', 'failed', 'taken-back', 'refused'] as const)(
    'of %s has the rollout, the releases and what is barred before the signals and before Try it',
    async (scenario) => {
      const fake = await start(scenario);
      fake.world.rollBackModel(Date.now(), 'worse on sevens');
      const { page } = await open(fake, { viewport: { width: 390, height: 844 } });
      const ids = await page.locator('main section').evaluateAll((parts) => parts.map(({ id }) => id));
      const shown = ids.filter((id) => ['rollout', 'releases', 'signals', 'try-it'].includes(id));
      expect(shown.filter((id) => id !== 'rollout')).toEqual(['releases', 'signals', 'try-it']);
      if (shown.includes('rollout')) expect(shown[0]).toBe('rollout');
      const topOf = (what: string): Promise<number> =>
        page.locator(what).evaluate((part) => part.getBoundingClientRect().top);
      expect(await topOf('.bars .command:has(code:has-text("--lift-bar"))')).toBeLessThan(await topOf('#signals'));
      // The strip tells it too, on the first screen.
      expect(await page.locator('.strip').innerText()).toMatch(/Barred: model \w{12}, worse on sevens/);
    },
  );

  it.each([
    ['stepping', 1440],
    ['crowded', 1080],
  ] as const)('of %s leaves nothing empty beside or below a part, at %d pixels', async (scenario, width) => {
    const { page } = await open(await start(scenario), { viewport: { width, height: 900 } });
    await expectNothingEmpty(page, scenario, scenario === 'crowded' ? Infinity : 120);
  });

  it('of a service whose first release comes in shows its start beside it, and what was proven over the whole width', async () => {
    const { page, complaints } = await open(await start('first'));
    expect(await page.locator('.strip').innerText()).toMatch(/None yet[\s\S]*Release 1 starting/);
    const boxOf = async (what: string): Promise<{ left: number; right: number; top: number; bottom: number }> =>
      page.locator(what).evaluate((part) => part.getBoundingClientRect().toJSON());
    const [releases, replicas, tryIt, evidence] = await Promise.all(
      ['#releases', '#replicas', '#try-it', '#evidence'].map(boxOf),
    );
    expect(replicas?.left).toBeGreaterThan(releases?.right ?? Infinity);
    expect(replicas?.top).toBe(releases?.top);
    expect(tryIt?.left).toBe(releases?.left);
    expect(Math.abs((tryIt?.bottom ?? 0) - (replicas?.bottom ?? Infinity))).toBeLessThan(60);
    expect([evidence?.left, evidence?.right]).toEqual([releases?.left, replicas?.right]);
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });
});

describe('health', () => {
  it('is one sentence on top with what to do, and the icon of the tab says it too', async () => {
    const { page, complaints } = await open(await start('failing'));
    await eventually(() => said(page)).toMatch(
      /^Failing: 100% of requests failed for \d+s, since release 5 went live \d+s ago\. roll back: plimsoll rollback --model$/,
    );
    await page.getByRole('button', { name: 'Copy the command plimsoll rollback --model' }).first().click();
    await eventually(() => icon(page)).toBe('/mark-failing.svg');
    expect((await page.request.get(new URL('/mark-failing.svg', page.url()).href)).status()).toBe(200);
    expect(complaints.errors).toEqual([]);
  });
});

describe('trying it', () => {
  it('reads a digit drawn with a finger, without the page scrolling under it', async () => {
    const { page, context } = await open(await start('steady'), {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
    });
    await page.locator('.pad').scrollIntoViewIfNeeded();
    const box = await page.locator('.pad').boundingBox();
    if (box === null) throw new Error('there is no pad');
    const scrolled = await page.evaluate('scrollY');
    const client = await context.newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y: number): Promise<unknown> =>
      client.send('Input.dispatchTouchEvent', {
        type,
        touchPoints: type === 'touchEnd' ? [] : [{ x: box.x + box.width / 2, y: box.y + y * box.height }],
      });
    await touch('touchStart', 0.15);
    for (let y = 0.2; y < 0.9; y += 0.05) await touch('touchMove', y);
    await touch('touchEnd', 0.9);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(() => outcome(page).innerText()).toContain('It reads 1');
    expect(await page.evaluate('scrollY')).toBe(scrolled);
  });

  it('says a refusal in words, with what to do next', async () => {
    const { page } = await open(await start('steady', { refuseTries: true }));
    await page.locator('.samples label').nth(2).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(() => outcome(page).innerText()).toMatch(
      /Too many requests[\s\S]*trying the service by hand[\s\S]*Next:/,
    );
  });

  it('offers a request as the server says that it takes, where the file of the model does not say', async () => {
    const wine = { name: 'wine', datatype: 'FP64', shape: [-1, 13] };
    const { page } = await open(await start('tabular', { tells: { inputs: [wine], outputs: [] } }));
    const text = page.getByLabel(/Request, from what the server says/);
    await text.waitFor();
    const { inputs } = JSON.parse(await text.inputValue()) as { inputs: unknown };
    expect(inputs).toEqual([{ name: 'wine', shape: [1, 13], datatype: 'FP64', data: Array(13).fill(0) }]);
  });
});

describe('reading it', () => {
  it('filters the events by kind, opens one, and stands still while somebody reads', async () => {
    const fake = await start('steady');
    const { page } = await open(fake);
    await page.getByLabel('Show events of').selectOption('release');
    const kinds = await page.locator('.event-kind').allInnerTexts();
    expect(new Set(kinds)).toEqual(new Set(['release.live', 'release.created']));
    await page.locator('.event-line').first().click();
    expect(await page.locator('.event-data').innerText()).toMatch(/#\d+ 20\d\d-.*by control-plane/);
    await page.keyboard.press('ArrowDown');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('release.created');
    const first = await page.locator('.event-line').first().innerText();
    fake.world.rollBackModel(Date.now(), 'worse on sevens');
    await page.getByRole('button', { name: '2 new: show' }).waitFor();
    expect(await page.locator('.event-line').first().innerText()).toBe(first);
    await page.getByRole('button', { name: '2 new: show' }).click();
    await eventually(() => page.locator('.event-line').first().innerText()).toContain('Release 6 is live');
  });
});
