import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import type { Scenario } from '../../../dashboard/dev/fake-world.ts';
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

async function start(scenario: Scenario, more: { refuseOrders?: boolean } = {}): Promise<FakeControlPlane> {
  const fake = await startFakeControlPlane({ scenario, port: 0, ...more });
  running.push(fake);
  return fake;
}

async function open(fake: FakeControlPlane, options: Parameters<typeof openPage>[2] = {}): Promise<OpenPage> {
  const page = await openPage(browser, fake.url, options);
  opened.push(page);
  return page;
}

const section = (page: Page, id: string): ReturnType<Page['locator']> => page.locator(`#${id}`);
const order = (page: Page, name: string): ReturnType<Page['locator']> =>
  section(page, 'rollout').getByRole('button', { name, exact: true });
const reason = (page: Page): ReturnType<Page['locator']> => page.getByLabel(/^Why\?/);

describe('a release that comes in step by step', () => {
  const opened = openOnce(() => browser, 'stepping');

  it('shows where it stands, what the judge says of each metric and how long it may take', async () => {
    const { page, complaints } = opened();
    const rollout = section(page, 'rollout');
    await rollout.waitFor();
    expect(await rollout.locator('.track-step').allInnerTexts()).toEqual([
      expect.stringMatching(/shadow\s+passed, \d/),
      expect.stringMatching(/5%\s+passed, \d/),
      expect.stringMatching(/25%\s+here now, \d/),
      expect.stringMatching(/100%\s+not reached/),
    ]);
    expect(await rollout.locator('[aria-current=step]').innerText()).toContain('25%');
    expect(await rollout.locator('.standing').innerText()).toMatch(
      /25% of the traffic goes to it. It has lasted [\s\S]*left[\s\S]*cold units of the canary and 0 of the live release/,
    );
    const judged = await rollout.locator('.judged').allInnerTexts();
    expect(judged.length).toBe(3);
    expect(judged[0]).toMatch(/Errors[\s\S]*inside the margin[\s\S]*units[\s\S]*between [\s\S]*is proven/);
    expect(judged[1]).toMatch(/Latency[\s\S]*not decided yet[\s\S]*6\.\d ms/);
    expect(judged[2]).toMatch(/Agreement[\s\S]*answers/);
    const label = await rollout.locator('.judged svg[role=img]').first().getAttribute('aria-label');
    expect(label).toMatch(/Errors, difference of the canary over time: .*margin \+0\.20 points/);
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  });

  it('lists models newest first, with their aliases and where they serve now', async () => {
    const { page } = opened();
    const lines = await section(page, 'models').locator('.version-line').allInnerTexts();
    expect(lines).toEqual([
      expect.stringMatching(/3[\s\S]*comes in as release 6, 25%[\s\S]*candidate[\s\S]*[0-9a-f]{12}[\s\S]*onnx, 443 kB/),
      expect.stringMatching(/2[\s\S]*live as release 5, 75%[\s\S]*champion[\s\S]*by grace/),
      expect.stringMatching(/1[\s\S]*kept warm as release 4/),
    ]);
  });

  it('goes on by itself: the evidence grows without a reload', async () => {
    const { page } = opened();
    const counted = (): Promise<string> => section(page, 'rollout').locator('.judged-readings').first().innerText();
    await section(page, 'rollout').waitFor();
    const before = await counted();
    await eventually(counted).not.toBe(before);
  });

  it('can be read and reached at any width and in both schemes', async () => {
    const { page } = opened();
    await page.locator('.version-line').nth(1).click();
    await page.locator('.lineage-node-model').first().click();
    await eventually(() => page.locator('.connection').innerText()).toBe('Connected');
    await order(page, 'Abort').click();
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.confirmation').innerText()).toContain('Write a reason first');
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        const look = `at ${width} pixels, ${colorScheme}`;
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(faintTexts), look).toEqual([]);
        expect(await page.evaluate(headingsAndNames), look).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth'), look).toBeLessThanOrEqual(width);
      }
    }
    await reason(page).press('Escape');
    await eventually(() => page.locator('.confirmation').count()).toBe(0);
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('is paused and resumed by somebody, for a reason that it asks for', async () => {
    const { page, complaints } = opened();
    await eventually(() => page.locator('.connection').innerText()).toBe('Connected');
    await order(page, 'Pause').click();
    expect(await page.evaluate('document.activeElement.tagName')).toBe('INPUT');
    await page.keyboard.press('Enter');
    await eventually(() => page.locator('.confirmation').innerText()).toContain('Write a reason first');
    await page.keyboard.press('Escape');
    expect(await page.locator('.confirmation').count()).toBe(0);
    await order(page, 'Pause').click();
    await reason(page).fill('the night is long');
    await page.getByRole('button', { name: 'Pause release 6' }).click();
    await eventually(() => page.locator('.standing').innerText()).toMatch(
      /paused[\s\S]*Paused by ada, [\d:]+: the night is long/,
    );
    expect(await page.locator('.happened li').first().innerText()).toMatch(/ada[\s\S]*Paused release 6.*night is long/);
    await order(page, 'Resume').click();
    await reason(page).fill('morning');
    await page.keyboard.press('Enter');
    await order(page, 'Pause').waitFor();
    expect(complaints.errors).toEqual([]);
  });

  it('takes no orders while the control plane is away', async () => {
    const { page, fake } = opened();
    await eventually(() => page.locator('.connection').innerText()).toBe('Connected');
    await fake.close();
    await eventually(() => order(page, 'Abort').getAttribute('aria-disabled')).toBe('true');
    await order(page, 'Abort').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('.confirmation').count()).toBe(0);
    expect(await page.locator('.steering').innerText()).toContain('it takes no orders');
  });
});

describe('a release that the judge took back', () => {
  const opened = openOnce(() => browser, 'taken-back');

  it('says after its end what decided, with the numbers', async () => {
    const { page } = opened();
    const rollout = section(page, 'rollout');
    await eventually(() => rollout.locator('.standing').innerText()).toMatch(
      /taken back by the judge[\s\S]*errors: 2\.\d+% of [\d,]+ canary units against 0\.\d+% .*is proven/,
    );
    expect(await rollout.locator('.judged').first().innerText()).toMatch(/outside the margin[\s\S]*\+2\.\d points/);
    expect(await rollout.locator('.happened').innerText()).toContain('The judge says roll-back of release 6');
    expect(await page.locator('.release').first().innerText()).toContain('taken back by the judge: errors');
  });

  it('can be read and reached at any width and in both schemes', async () => {
    const { page } = opened();
    await page.locator('.version-line').nth(1).click();
    await page.locator('.lineage-node-model').first().click();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        const look = `at ${width} pixels, ${colorScheme}`;
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate(faintTexts), look).toEqual([]);
        expect(await page.evaluate(headingsAndNames), look).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth'), look).toBeLessThanOrEqual(width);
      }
    }
  });
});

describe('models', () => {
  const opened = openOnce(() => browser, 'steady');

  it('keep how aliases moved: from, to, who, why, and on which evidence', async () => {
    const { page } = opened();
    const moves = await page.locator('.alias-move').allInnerTexts();
    expect(moves.length).toBe(5);
    expect(moves[0]).toMatch(/candidate\s+2 → 3[\s\S]*by ada[\s\S]*No reason was given[\s\S]*on no evidence/);
    expect(moves[1]).toMatch(/champion\s+1 → 2[\s\S]*by grace[\s\S]*no worse than version 1[\s\S]*evaluation: pass/);
    expect(moves.at(-1)).toMatch(/none → 1/);
  });

  it('open to where they came from and the evidence that they were promoted on', async () => {
    const { page } = opened();
    await page.locator('.version-line').nth(1).click();
    const opening = page.locator('.version-open');
    expect(await opening.innerText()).toMatch(
      /sha256:[0-9a-f]{64}[\s\S]*trained on\s+digits-train:1[\s\S]*came from\s+version 1[\s\S]*released as\s+5 \(live\)/,
    );
    expect(await opening.innerText()).toMatch(/champion[\s\S]*golden: pass\s+[0-9a-f]{12}[\s\S]*evaluation: pass/);
    expect(await page.locator('.lineage-head').innerText()).toContain('Lineage of version 2');
    await page.locator('.version-line').nth(1).click();
    expect(await opening.count()).toBe(0);
  });

  it('draw where they came from as a graph that the arrow keys go through, and say it in words', async () => {
    const { page } = opened();
    const graph = page.locator('.lineage-box');
    await graph.locator('[tabindex="0"]').focus();
    expect(await page.evaluate('document.activeElement.textContent')).toContain('digits:3');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await page.evaluate('document.activeElement.textContent')).toContain('release');
    expect(await page.locator('.lineage-chosen').innerText()).toMatch(
      /release \d serves digits:2; runs code [0-9a-f]{12}/,
    );
    expect(await graph.locator('path[data-tied]').count()).toBe(2);
    await page.getByRole('button', { name: 'in words' }).click();
    expect(await page.locator('.lineage-words').innerText()).toMatch(
      /digits:3 was trained on digits-train:2; came from digits:2[\s\S]*digits:1 was trained on/,
    );
  });

  it('are no reason for a rollout on the page of a service that takes no steps', async () => {
    const { page } = opened();
    await page.setViewportSize({ width: 390, height: 844 });
    await section(page, 'models').waitFor();
    expect(await section(page, 'rollout').count()).toBe(0);
    expect(await page.locator('.section-links').innerText()).not.toContain('Rollout');
  });
});

describe('orders to a release that comes in step by step', () => {
  it('is taken back by somebody, and says so wherever the release is, without a jump', async () => {
    const { page } = await open(await start('stepping'));
    await eventually(() => page.locator('.connection').innerText()).toBe('Connected');
    await order(page, 'Abort').click();
    await reason(page).fill('a customer called');
    await page.getByRole('button', { name: 'Abort release 6' }).click();
    await eventually(() => page.locator('.standing').innerText()).toMatch(/aborted[\s\S]*by ada[\s\S]*customer called/);
    expect(await page.locator('.track-left').innerText()).toMatch(/25%\s+taken back here/);
    expect(await page.locator('.release').first().innerText()).toMatch(
      /failed[\s\S]*aborted by ada: a customer called/,
    );
    expect(await order(page, 'Abort').count()).toBe(0);
    const { sum, shifts } = await layoutShift(page);
    expect(sum, JSON.stringify(shifts)).toBeLessThan(0.01);
  });

  it('tells a refusal in words, and keeps the reason that was written', async () => {
    const { page } = await open(await start('stepping', { refuseOrders: true }));
    await eventually(() => page.locator('.connection').innerText()).toBe('Connected');
    await order(page, 'Promote').click();
    await reason(page).fill('it is fine');
    await page.keyboard.press('Enter');
    await eventually(() => page.getByRole('alert').innerText()).toMatch(
      /Not done: vera may view[^\n]* Next: use a token/,
    );
    expect(await reason(page).inputValue()).toBe('it is fine');
  });
});

describe('models of a crowded service', () => {
  it('fit a narrow screen: the graph scrolls inside its own box', async () => {
    const { page } = await open(await start('crowded'), { viewport: { width: 360, height: 780 } });
    await page.locator('.lineage-box').waitFor();
    const {
      scrollWidth,
      clientWidth,
      page: whole,
    } = (await page.evaluate(`(() => {
      const box = document.querySelector('.lineage-box');
      return { scrollWidth: box.scrollWidth, clientWidth: box.clientWidth, page: document.documentElement.scrollWidth };
    })()`)) as Record<string, number>;
    expect(scrollWidth).toBeGreaterThan(clientWidth ?? 0);
    expect(whole).toBeLessThanOrEqual(360);
  });
});

describe('without a jump', () => {
  it.each([390, 1280])('the first rollout of all, a pause and its end move nothing, at %d pixels', async (width) => {
    const fake = await start('steady');
    fake.world.asksForSteps = true;
    const { page } = await open(fake, { viewport: { width, height: 2_400 } });
    await eventually(() => section(page, 'rollout').innerText()).toContain('No release has come in step by step yet');
    fake.world.beginSteps(Date.now(), false);
    fake.announce();
    await page.getByRole('button', { name: 'Show its steps and the evidence' }).waitFor();
    await page.waitForTimeout(1_200);
    const { sum, shifts } = await layoutShift(page);
    expect(sum, JSON.stringify(shifts)).toBeLessThan(0.01);
    await page.getByRole('button', { name: 'Show its steps and the evidence' }).click();
    await section(page, 'rollout').locator('.judged').first().waitFor();
    // Until the judge has looked again, twice, and said it in words of another length.
    const counted = (): Promise<string> => section(page, 'rollout').locator('.judged-readings').first().innerText();
    for (let looked = 0; looked < 2; looked += 1) {
      const before = await counted();
      await eventually(counted).not.toBe(before);
    }
    fake.world.steer(
      'promote',
      'a reason that is rather long, so that it would not fit into one line of it',
      Date.now(),
    );
    fake.announce();
    await eventually(() => page.locator('.standing').innerText()).toContain('rather long');
    fake.world.steer('pause', 'to look at it', Date.now());
    fake.announce();
    await eventually(() => page.locator('.standing').innerText()).toContain('to look at it');
    fake.world.steer('abort', 'seen enough', Date.now());
    fake.announce();
    await eventually(() => page.locator('.standing').innerText()).toContain('seen enough');
    await page.waitForTimeout(1_200);
    const after = await layoutShift(page);
    expect(after.sum, JSON.stringify(after.shifts)).toBeLessThan(0.01);
  });
});
