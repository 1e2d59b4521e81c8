/** What the page of a service says to whoever looks at it. Each page is opened once, for all tests of its group. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import { formatCount } from '../../../dashboard/src/parts/format.ts';
import { eventually, launchBrowser } from '../browser.ts';
import { openOnce } from '../open-once.ts';
import { drawWithMouse, expectNothingEmpty, icon, outcome, said } from '../page-parts.ts';

let browser: Browser;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
});

describe('a page that is only looked at', () => {
  const opened = openOnce(() => browser, 'steady', { permissions: ['clipboard-read', 'clipboard-write'] });

  it('shows the live release with both axes, keeps to its own origin and to the policy, and complains of nothing', async () => {
    const { page, complaints } = opened();
    await eventually(() => page.title()).toBe('digits · release 5 · Plimsoll');
    const strip = page.locator('.strip');
    expect(await strip.innerText()).toMatch(/5[\s\S]*by ada[\s\S]*serve-model:0\.2\.0[\s\S]*digits:2/);
    expect(await strip.innerText()).toContain('plimsoll rollback --model');
    await eventually(() => page.locator('.connection').innerText()).toBe('Connected');
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

  it('draws pools: a letter for each device, the worst nodes first, and in words why each class answers so', async () => {
    const { page, complaints } = opened();
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
  });

  it.each([1440, 1920])('leaves nothing empty beside or below a part, at %d pixels', async (width) => {
    const { page } = opened();
    await page.setViewportSize({ width, height: 900 });
    await expectNothingEmpty(page, `at ${width} pixels`, width > 1500 ? 400 : 120);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('says that phases were not told apart, in the drawing and in words', async () => {
    const { page } = opened();
    const label = await page.locator('.timeline').first().getAttribute('aria-label');
    expect(label).toContain('weights-load + engine-init (merged)');
    expect(label).toMatch(/process-start: \d+ ms.*ready after \d+ ms/);
    expect(await page.locator('#replicas .phase-legend').innerText()).toContain('merged: not told apart');
  });

  it('says healthy, in words and as the icon of the tab', async () => {
    const { page } = opened();
    await eventually(() => said(page)).toMatch(/^Healthy: [\d,]+ requests in the last hour/);
    await eventually(() => icon(page)).toBe('/mark.svg');
  });

  it('read latency over the last minute, and draw a day', async () => {
    const { page, complaints } = opened();
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

  it('reads the charts at a moment by keyboard', async () => {
    const { page } = opened();
    const scrubber = page.locator('.scrubber input');
    // A pointer that rests on a chart reads there.
    await page.mouse.move(0, 0);
    await scrubber.focus();
    await page.keyboard.press('PageDown');
    await eventually(() => page.locator('.scrubber output').innerText()).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(await scrubber.getAttribute('aria-valuetext')).toMatch(/: all \d+.*p99 [\d.]+/);
    await page.keyboard.press('End');
    await eventually(() => page.locator('.scrubber output').innerText()).toBe('now');
  });

  it('copies the command that renews evidence', async () => {
    const { page } = opened();
    const button = page.getByRole('button', { name: 'Copy the command plimsoll golden record' });
    // It says so for a moment, which a busy machine may look past.
    await page.evaluate(`(() => {
      window.buttonSaid = '';
      const button = document.querySelector('[aria-label="Copy the command plimsoll golden record"]');
      new MutationObserver(() => (window.buttonSaid += button.textContent)).observe(button, { subtree: true, childList: true, characterData: true });
    })()`);
    await button.focus();
    await page.keyboard.press('Enter');
    await eventually(() => page.evaluate('navigator.clipboard.readText()')).toBe('plimsoll golden record');
    await eventually(() => page.evaluate('buttonSaid')).toContain('Copied');
  });

  it('reads a digit drawn with the mouse, and says who answered', async () => {
    const { page, complaints } = opened();
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

  it('works by keyboard alone: a digit’s key draws it, Enter sends, Delete clears', async () => {
    const { page } = opened();
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

  it('complained of nothing all the while', () => {
    expect(opened().complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

  it('greys what is old, gives its age and knows no health when the control plane goes, and is live again when it returns', async () => {
    const { page, fake } = opened();
    await eventually(() => said(page)).toMatch(/^Healthy/);
    await fake.close();
    await eventually(() => page.locator('.connection').innerText()).toContain('Reconnecting');
    await eventually(() => page.locator('.connection').innerText()).toContain('Control plane gone');
    expect(await page.locator('.gone-notice').innerText()).toMatch(/What you see is \d+ s old[\s\S]*plimsoll up/);
    expect(await page.locator('#main').getAttribute('data-old')).not.toBeNull();
    expect(new Set(await page.locator('.reading dd').allInnerTexts())).toEqual(new Set(['–']));
    await eventually(() => said(page)).toBe('Unknown: the control plane does not answer.');
    await eventually(() => icon(page)).toBe('/mark-unknown.svg');
    await page.locator('.samples label').nth(3).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(() => outcome(page).innerText()).toContain('The control plane cannot be reached');

    const back = await startFakeControlPlane({ scenario: 'steady', port: fake.port });
    await eventually(() => page.locator('.connection').innerText()).toBe('Connected');
    expect(await page.locator('#main').getAttribute('data-old')).toBeNull();
    expect(await page.locator('.gone-notice').innerText()).toBe('');
    await back.close();
  });
});

describe('a page before the first release', () => {
  const opened = openOnce(() => browser, 'empty');

  it('of a service that nothing was released of fits on one screen, its parts side by side', async () => {
    const { page } = opened();
    expect(await page.evaluate('document.documentElement.scrollHeight')).toBeLessThan(1_150);
    const ids = await page.locator('.panels > section').evaluateAll((parts) => parts.map(({ id }) => id));
    expect(ids).toEqual(['releases', 'replicas', 'starts', 'try-it', 'evidence', 'readiness']);
    expect(await page.locator('#signals').count()).toBe(0);
    expect(await page.locator('.section-links a[href="#signals"]').count()).toBe(0);
  });

  it('tells in each part what an empty state means, and the command that changes it', async () => {
    const { page, complaints } = opened();
    expect(await page.locator('.strip').innerText()).toContain('plimsoll release');
    for (const part of ['replicas', 'events', 'try-it', 'releases']) {
      expect((await page.locator(`#${part} .empty`).innerText()).length).toBeGreaterThan(20);
    }
    expect(complaints.errors).toEqual([]);
  });

  it('says that nothing is released, in words and as the icon of the tab', async () => {
    const { page } = opened();
    await eventually(() => said(page)).toMatch(/^Not released: nothing is live\. plimsoll release$/);
    await eventually(() => icon(page)).toBe('/mark-not-released.svg');
  });
});

describe('a page without a gateway', () => {
  const opened = openOnce(() => browser, 'no-gateway');

  it('says a dash, never zero, for signals that nobody reports', async () => {
    const { page } = opened();
    await eventually(async () => [...new Set(await page.locator('.reading dd').allInnerTexts())]).toEqual(['–']);
    expect(await page.locator('.part-try-it').innerText()).toContain('No gateway is connected');
  });

  it('says unknown, in words and as the icon of the tab', async () => {
    const { page } = opened();
    await eventually(() => said(page)).toMatch(/^Unknown: no gateway reports\. start one: plimsoll up$/);
    await eventually(() => icon(page)).toBe('/mark-unknown.svg');
  });
});

describe('a page without a drawing pad', () => {
  const opened = openOnce(() => browser, 'tabular');

  it('has no pools where the contract asks nothing of the hardware', async () => {
    const { page } = opened();
    await eventually(() => page.title()).toContain('credit-score');
    expect(await page.locator('#pools').count()).toBe(0);
  });

  it('leaves nothing empty beside or below a part', async () => {
    await expectNothingEmpty(opened().page, 'tabular', 120);
  });

  it('offers a valid request in JSON where no drawing fits, and points out what is not JSON', async () => {
    const { page } = opened();
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

describe('a page that nothing happens to', () => {
  // A clock that takes the place of another one tells a time of 1970 for a moment, which the page would keep.
  const opened = openOnce(() => browser, 'steady', { beforeLoading: (page) => page.clock.install() });

  it('draws nothing again but the ages that moved', async () => {
    const { page, fake } = opened();
    const age = (): Promise<string> => page.locator('#diagnosis > .sub').first().innerText();
    await eventually(age).toContain('ago');
    // Signals of before its stream was there may have passed the page by.
    await eventually(() => fake.openStreams().service).toBe(1);
    const before = fake.world.samples.at(-1)?.atMs ?? 0;
    await eventually(() => fake.world.samples.at(-1)?.atMs).toBeGreaterThan(before);
    fake.pause();
    const newest = fake.world.samples.at(-1);
    const heardMs = newest?.atMs ?? 0;
    // A clock that goes on makes the newest signals old while this looks at them, and one that is behind them hides them.
    await page.clock.setFixedTime(heardMs);
    const requests = page.locator('.reading dd').first();
    await eventually(() => requests.innerText()).toBe(formatCount(newest?.requestsPerSecond ?? null));
    // What is asked gets no answer meanwhile: a view would set the clock of the page right again.
    await page.route(/\/v1\//, () => undefined);
    /** As if so much time had passed since the newest signals; until the page shows it. */
    const letPass = async (passedMs: number): Promise<void> => {
      const before = await age();
      await page.clock.setFixedTime(heardMs + passedMs);
      await eventually(age).not.toBe(before);
    };
    // From whatever the clock of the page said: a moment that it cannot have shown yet.
    await letPass(-100_000);
    await letPass(0);
    await page.evaluate(`(() => {
      window.said = new Map();
      window.touched = new Set();
      const texts = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
      for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) said.set(node, node.data);
      new MutationObserver((all) => all.forEach(({ target }) => touched.add(target)))
        .observe(document.documentElement, { subtree: true, childList: true, characterData: true, attributes: true });
    })()`);
    await letPass(1_000);
    await letPass(2_000);
    const [moved, untouched] = (await page.evaluate(`(() => {
      const isMoved = (node) => said.has(node) && said.get(node) !== node.data;
      const words = (node) => (node.parentElement?.outerHTML.slice(0, 300) ?? '') + ': ' + (node.data ?? node.outerHTML?.slice(0, 200));
      return [[...touched].filter(isMoved).map(words), [...touched].filter((node) => !isMoved(node)).map(words)];
    })()`)) as [string[], string[]];
    expect(untouched, 'drawn again, and the same as before').toEqual([]);
    expect(moved.length).toBeGreaterThan(0);
    expect(moved.filter((words) => !/\d (s|min|h)\b/.test(words))).toEqual([]);
  });
});
