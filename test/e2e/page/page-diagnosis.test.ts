/** The diagnosis on the page of a service. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import type { Scenario } from '../../../dashboard/dev/fake-world.ts';
import { eventually, launchBrowser, openPage, type OpenPage } from '../browser.ts';
import { openOnce } from '../open-once.ts';
import { faintTexts, headingsAndNames } from '../page-inspection.ts';

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

async function open(scenario: Scenario, look: Look = {}): Promise<Page> {
  fake = await startFakeControlPlane({ port: 0, scenario });
  fake.pause();
  opened = await openPage(browser, fake.url, look);
  return opened.page;
}

const nothingWrong = { errors: [], violations: [], foreign: [] };

describe('the diagnosis of a cause, looked at', () => {
  const opened = openOnce(() => browser, 'steady');

  it('names the shown cause with its effect, its cost, its remedy, and the age of what was read', async () => {
    const { page } = opened();
    const part = page.locator('#diagnosis');
    await eventually(() => part.locator('.diagnosis-said').innerText()).toBe(
      'cpu-quota is shown: without it 84% more answers (at least 71%, at most 97%).',
    );
    const text = await part.innerText();
    expect(text).toMatch(/Read over 8 s, ended 1[12] min( \d+ s)? ago; node gpu-1; by vera\./);
    expect(text).toContain('It costs 1,643 accelerator-seconds of each hour (1.19 EUR an hour).');
    expect(text).toContain('Raise the CPU limit of the container');
    const rows = await part.locator('.proofs tbody tr').allInnerTexts();
    expect(rows[0]).toMatch(/cpu-quota[\s\S]*lifted-quota[\s\S]*shown: 84% more answers/);
    expect(opened().complaints).toEqual(nothingWrong);
  });

  it('draws each step of a request one after the other, with what it waits for', async () => {
    const { page } = opened();
    const steps = page.locator('#diagnosis .waterfall li');
    await eventually(() => steps.count()).toBe(11);
    const names = await page.locator('#diagnosis .waterfall-name').allInnerTexts();
    expect(names.slice(0, 4)).toEqual(['admission', 'queue', 'connect', 'transfer']);
    expect(names.at(-1)).toBe('not accounted');
    expect(await steps.nth(1).innerText()).toContain('a replica with a free place');
    const edges = await steps
      .locator('rect')
      .evaluateAll((bars) =>
        bars.map((bar) => [bar.getAttribute('x'), bar.getAttribute('width')].map((text) => parseFloat(text ?? 'NaN'))),
      );
    for (const [at, [from = NaN]] of edges.entries()) {
      expect(from).toBeGreaterThanOrEqual((at === 0 ? 0 : (edges[at - 1]?.[0] ?? NaN)) - 1e-9);
    }
  });

  it('is read at any width and in both schemes', async () => {
    const { page, complaints } = opened();
    await page.locator('#diagnosis .ceilings').waitFor();
    await page.locator('#diagnosis summary').click();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        const look = `at ${width} pixels, ${colorScheme}`;
        await page.emulateMedia({ colorScheme });
        expect(await page.evaluate('document.documentElement.scrollWidth'), look).toBeLessThanOrEqual(width);
        expect(await page.evaluate(faintTexts), look).toEqual([]);
        expect(await page.evaluate(headingsAndNames), look).toEqual([]);
      }
    }
    expect(complaints).toEqual(nothingWrong);
    await page.locator('#diagnosis summary').click();
    await page.setViewportSize({ width: 1440, height: 900 });
  });

  it('shows what is watched beside what somebody ran, each with its own age', async () => {
    const { page } = opened();
    const part = page.locator('#diagnosis');
    await part.getByRole('button', { name: 'while it serves' }).click();
    await eventually(() => part.locator('.diagnosis-said').innerText()).toContain('No cause is suspected');
    expect(await part.innerText()).toContain('by the control plane, without experiments.');
    expect(await part.locator('.proofs').count()).toBe(0);
    await part.locator('summary').click();
    expect(await part.locator('.diagnosis-unread').innerText()).toContain('Leaves open:');
  });

  it('says what the control plane refused', async () => {
    const { page } = opened();
    await page.route('**/v1/diagnosis*', (route) => route.fulfill({ status: 403, body: '{}' }));
    await page.reload();
    await eventually(() => page.locator('#diagnosis .empty').innerText()).toBe(
      'The control plane answered with status 403.',
    );
  });
});

describe('the diagnosis', () => {
  it('is undetermined with the two likeliest, the command that decides, and the age of measured ceilings', async () => {
    const page = await open('scaling');
    const part = page.locator('#diagnosis');
    await eventually(() => part.locator('.diagnosis-said').innerText()).toBe(
      'Undetermined. Likeliest: pcie-link, then pcie-traffic.',
    );
    expect(await part.locator('.diagnosis-next code').innerText()).toBe('plimsoll diagnose --load --live');
    const bus = part.locator('.ceilings li', { hasText: 'PCIe traffic' });
    expect(await bus.innerText()).toMatch(/91%[\s\S]*line: at least 70%; ceiling measured 1 d 2 h ago/);
    expect(await bus.getAttribute('data-crossed')).toBe('true');
  });

  it('says why there is none, with the command that makes one', async () => {
    const page = await open('unknown');
    await eventually(() => page.locator('#diagnosis .empty').innerText()).toContain('nothing was read yet');
    expect(await page.locator('#diagnosis .empty code').innerText()).toBe('plimsoll diagnose');
  });
});
