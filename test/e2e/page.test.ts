import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../dashboard/dev/fake-control-plane.ts';
import type { Scenario } from '../../dashboard/dev/fake-world.ts';
import { eventually, launchBrowser, type OpenPage, openPage } from './browser.ts';

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
  more: { refuseTries?: boolean; port?: number } = {},
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

const outcome = (page: Page): ReturnType<Page['locator']> => page.locator('.try-outcome');

/** Draws a stroke through points given as shares of the pad. */
async function drawWithMouse(page: Page, points: readonly (readonly [number, number])[]): Promise<void> {
  const box = await page.locator('.pad').boundingBox();
  if (box === null) throw new Error('there is no pad');
  const at = ([x, y]: readonly [number, number]): [number, number] => [box.x + x * box.width, box.y + y * box.height];
  await page.mouse.move(...at(points[0] ?? [0, 0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 12 });
  await page.mouse.up();
}

describe('what runs', () => {
  it('shows the live release with both axes, keeps to its own origin and to the policy, and complains of nothing', async () => {
    const { page, complaints } = await open(await start('steady'));
    await eventually(() => page.title()).toBe('digits · release 5 · Plimsoll');
    const strip = page.locator('.strip');
    expect(await strip.innerText()).toMatch(/5[\s\S]*by ada[\s\S]*serve-model:0\.2\.0[\s\S]*digits:2/);
    expect(await strip.innerText()).toContain('plimsoll rollback --model');
    await eventually(() => page.locator('.connection').innerText()).toBe('Connected');
    await page.waitForTimeout(2_500);
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

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

  it('draws pools: a letter for each device, the worst nodes first, and in words why each class answers so', async () => {
    const { page, complaints } = await open(await start('steady'));
    const pools = page.locator('#pools');
    await eventually(() => pools.locator('tbody tr').count()).toBe(6);
    const row = pools.locator('tbody tr').first();
    expect(await row.innerText()).toMatch(/gpu-mixed-01[\s\S]*M[\s\S]*✕[\s\S]*1 of 2 devices do/);
    expect(await row.getByRole('img', { name: 'GPU 1: incompatible' }).count()).toBe(1);
    const words = await pools.locator('.pool-classes').innerText();
    expect(words).toMatch(/Tesla T4[\s\S]*incompatible[\s\S]*has no kernel for 7.5[\s\S]*To fix: build with sm_75/);
    const letters = new Set(await pools.locator('.pool-mark').allInnerTexts());
    expect([...letters].sort()).toEqual(['?', 'F', 'M', 'N', '✕']);
    expect(complaints.errors).toEqual([]);
    const without = await open(await start('tabular'));
    await eventually(() => without.page.title()).toContain('credit-score');
    expect(await without.page.locator('#pools').count()).toBe(0);
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
    ['steady', 1440],
    ['steady', 1920],
    ['tabular', 1440],
    ['crowded', 1080],
  ] as const)('of %s leaves nothing empty beside or below a part, at %d pixels', async (scenario, width) => {
    const { page } = await open(await start(scenario), { viewport: { width, height: 900 } });
    // From the end of what each part shows to the end of its place; lists of replicas and starts keep room for one more.
    const emptyPx = (await page.evaluate(`(() => {
      const endOf = (part) => Math.max(...[...part.querySelectorAll('*')]
        .filter((each) => !each.matches('.room') && (each.matches('.scroll-y') || (each.children.length === 0 && each.closest('.scroll-y') === null)))
        .map((each) => each.getBoundingClientRect().bottom));
      const columns = document.querySelector('.columns').getBoundingClientRect();
      const tryIt = document.querySelector('#try-it').getBoundingClientRect();
      const [main, releases, last, starts, models] = ['.column', '#releases', '#try-it', '#starts', '#models']
        .map((part) => endOf(document.querySelector(part)));
      return {
        main: columns.bottom - main,
        releases: tryIt.top - releases,
        last: columns.bottom - last,
        starts: document.querySelector('#evidence').getBoundingClientRect().top - starts,
        models: document.querySelector('#models').getBoundingClientRect().bottom - models,
      };
    })()`)) as Record<string, number>;
    for (const part of ['main', 'starts']) expect(emptyPx[part], part).toBeLessThan(110);
    for (const part of ['releases', 'last', 'models']) expect(emptyPx[part], part).toBeLessThan(60);
    const { box, sheet } = (await page.evaluate(`(() => {
      const box = document.querySelector('.lineage-box');
      return { box: box.clientWidth, sheet: box.firstElementChild.offsetWidth };
    })()`)) as { box: number; sheet: number };
    // A graph of two layers stands no further apart than it is read well.
    if (scenario !== 'crowded') expect(box - sheet).toBeLessThan(width > 1500 ? 400 : 120);
  });

  it('of a service that nothing was released of fits on one screen, its parts side by side', async () => {
    const { page } = await open(await start('empty'));
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(1_150);
    const ids = await page.locator('.panels > section').evaluateAll((parts) => parts.map(({ id }) => id));
    expect(ids).toEqual(['releases', 'replicas', 'starts', 'try-it', 'evidence', 'readiness']);
    expect(await page.locator('#signals').count()).toBe(0);
    expect(await page.locator('.section-links a[href="#signals"]').count()).toBe(0);
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

  it('says that phases were not told apart, in the drawing and in words', async () => {
    const { page } = await open(await start('steady'));
    const label = await page.locator('.timeline').first().getAttribute('aria-label');
    expect(label).toContain('weights-load + engine-init (merged)');
    expect(label).toMatch(/process-start: \d+ ms.*ready after \d+ ms/);
    expect(await page.locator('#replicas .phase-legend').innerText()).toContain('merged: not told apart');
  });

  it('says a dash, never zero, for signals that nobody reports', async () => {
    const { page } = await open(await start('no-gateway'));
    await page.waitForTimeout(1_500);
    expect(new Set(await page.locator('.reading dd').allInnerTexts())).toEqual(new Set(['–']));
    expect(await page.locator('.part-try-it').innerText()).toContain('No gateway is connected');
  });

  it('tells in each part what an empty state means, and the command that changes it', async () => {
    const { page, complaints } = await open(await start('empty'));
    expect(await page.locator('.strip').innerText()).toContain('plimsoll release');
    for (const part of ['replicas', 'events', 'try-it', 'releases']) {
      expect((await page.locator(`#${part} .empty`).innerText()).length).toBeGreaterThan(20);
    }
    expect(complaints.errors).toEqual([]);
  });
});

describe('health', () => {
  const icon = (page: Page): Promise<string | null> => page.locator('link[rel="icon"]').getAttribute('href');
  const said = async (page: Page): Promise<string> =>
    (await page.locator('.health-said, .health > .health-next').allInnerTexts())
      .join(' ')
      .replaceAll(/\s+/g, ' ')
      .trim();

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

  it('says healthy, not released and unknown as they are, in shape and words', async () => {
    for (const [scenario, words, href] of [
      ['steady', /^Healthy: [\d,]+ requests in the last hour/, '/mark.svg'],
      ['empty', /^Not released: nothing is live\. plimsoll release$/, '/mark-not-released.svg'],
      ['no-gateway', /^Unknown: no gateway reports\. start one: plimsoll up$/, '/mark-unknown.svg'],
    ] as const) {
      const { page } = await open(await start(scenario));
      await eventually(() => said(page)).toMatch(words);
      await eventually(() => icon(page)).toBe(href);
    }
  });

  it('is unknown when the control plane does not answer any more', async () => {
    const fake = await start('steady');
    const { page } = await open(fake);
    await eventually(() => said(page)).toMatch(/^Healthy/);
    await fake.close();
    running.splice(0);
    await eventually(() => said(page)).toBe('Unknown: the control plane does not answer.');
    await eventually(() => icon(page)).toBe('/mark-unknown.svg');
  });
});

describe('the signals', () => {
  it('read latency over the last minute, and draw a day', async () => {
    const { page, complaints } = await open(await start('steady'));
    const latency = page.locator('.instrument').nth(1);
    await eventually(() => latency.locator('h3').innerText()).toMatch(/^Latency\s+ms over 1 min$/);
    await page.getByRole('button', { name: '24 h' }).click();
    await eventually(() => latency.locator('.chart').getAttribute('aria-label')).toContain('over the last 1 d');
    const slider = page.locator('.scrubber input');
    await slider.fill('-54000');
    await eventually(() => slider.getAttribute('aria-valuetext')).toMatch(/\d\d:\d\d.*: (all \d|nothing known)/);
    await page.getByRole('button', { name: '5 min' }).click();
    await eventually(() => latency.locator('.chart').getAttribute('aria-label')).toContain('over the last 5 min');
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });
});

describe('the connection', () => {
  it('greys what is old and gives its age when the control plane goes, and is live again when it returns', async () => {
    const fake = await start('steady');
    const { page } = await open(fake);
    await fake.close();
    running.splice(0);
    await eventually(() => page.locator('.connection').innerText()).toContain('Reconnecting');
    await eventually(() => page.locator('.connection').innerText()).toContain('Control plane gone');
    expect(await page.locator('.gone-notice').innerText()).toMatch(/What you see is \d+ s old[\s\S]*plimsoll up/);
    expect(await page.locator('#main').getAttribute('data-old')).not.toBeNull();
    expect(new Set(await page.locator('.reading dd').allInnerTexts())).toEqual(new Set(['–']));
    await page.locator('.samples label').nth(3).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(() => outcome(page).innerText()).toContain('The control plane cannot be reached');

    await start('steady', { port: fake.port });
    await eventually(() => page.locator('.connection').innerText()).toBe('Connected');
    expect(await page.locator('#main').getAttribute('data-old')).toBeNull();
    expect(await page.locator('.gone-notice').innerText()).toBe('');
  });
});

describe('trying it', () => {
  it('reads a digit drawn with the mouse, and says who answered', async () => {
    const { page, complaints } = await open(await start('steady'));
    await drawWithMouse(page, [
      [0.3, 0.2],
      [0.75, 0.2],
      [0.5, 0.85],
    ]);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(() => outcome(page).innerText()).toMatch(/It reads 7 with \d/);
    expect(await outcome(page).innerText()).toMatch(
      /Answered by release 5, model version 2, replica \w+, in [\d.]+ m?s/,
    );
    expect(await page.locator('.score-bars [data-best] .score-class').innerText()).toBe('7');
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

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

  it('works by keyboard alone: a digit’s key draws it, Enter sends, Delete clears', async () => {
    const { page } = await open(await start('steady'));
    await page.locator('.pad').focus();
    await page.keyboard.press('3');
    await page.keyboard.press('Enter');
    await eventually(() => outcome(page).innerText()).toContain('It reads 3');
    await page.keyboard.press('Delete');
    await eventually(() => outcome(page).innerText()).toContain('Draw with mouse');
    await page.locator('.samples input').first().focus();
    await page.keyboard.press('ArrowRight');
    await eventually(() => page.locator('.samples input:checked').count()).toBe(1);
    expect(await outcome(page).innerText()).toContain('Send it through the gateway');
  });

  it('says a refusal in words, with what to do next', async () => {
    const { page } = await open(await start('steady', { refuseTries: true }));
    await page.locator('.samples label').nth(2).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(() => outcome(page).innerText()).toMatch(
      /Too many requests[\s\S]*trying the service by hand[\s\S]*Next:/,
    );
  });

  it('offers a valid request in JSON where no drawing fits, and points out what is not JSON', async () => {
    const { page } = await open(await start('tabular'));
    const text = page.getByLabel(/Request, from the model/);
    const request = JSON.parse(await text.inputValue()) as { inputs: { name: string }[] };
    expect(request.inputs.map(({ name }) => name)).toEqual(['age', 'income', 'region']);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(() => page.locator('.answer-text').innerText()).toContain('"score"');
    await text.fill('{ nonsense');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(() => outcome(page).innerText()).toContain('Not JSON');
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

  it('reads the charts at a moment by keyboard', async () => {
    const { page } = await open(await start('steady'));
    const scrubber = page.locator('.scrubber input');
    await scrubber.focus();
    await page.keyboard.press('PageDown');
    await eventually(() => page.locator('.scrubber output').innerText()).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(await scrubber.getAttribute('aria-valuetext')).toMatch(/: all \d+.*p99 [\d.]+/);
  });

  it('copies the command that renews evidence', async () => {
    const { page } = await open(await start('steady'), { permissions: ['clipboard-read', 'clipboard-write'] });
    const button = page.getByRole('button', { name: 'Copy the command plimsoll golden record' });
    await button.focus();
    await page.keyboard.press('Enter');
    await eventually(() => page.evaluate('navigator.clipboard.readText()')).toBe('plimsoll golden record');
    expect(await button.innerText()).toContain('Copied');
  });
});
