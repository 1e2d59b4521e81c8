/** The list of all services, and the way from it to one of them and back. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import type { FakeFleet } from '../../../dashboard/dev/fake-fleet.ts';
import type { Scenario } from '../../../dashboard/dev/fake-world.ts';
import { fleetChangeSchema, fleetViewSchema } from '../../../src/schemas/http/fleet/http-fleet.ts';
import { eventually, launchBrowser, openPage, type OpenPage } from '../browser.ts';
import { faintTexts, headingsAndNames } from '../page-inspection.ts';

let browser: Browser;
let fake: FakeControlPlane;
let opened: OpenPage;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  await opened.context.close();
  await fake.close();
});

async function open(scenario: Scenario, path = '', options: Parameters<typeof openPage>[2] = {}): Promise<Page> {
  fake = await startFakeControlPlane({ scenario, port: 0 });
  fake.pause();
  opened = await openPage(browser, fake.url + path, options);
  return opened.page;
}

const fleet = (): FakeFleet => {
  if (fake.fleet === null) throw new Error('the scenario has no fleet');
  return fake.fleet;
};
const rows = (page: Page): ReturnType<Page['locator']> => page.locator('.fleet-row');
const nothingWrong = { errors: [], violations: [], foreign: [] };

describe('the address', () => {
  it('/ of one service opens its page, adds nothing to the history, and asks for that service alone', async () => {
    const page = await open('steady');
    await eventually(() => page.title()).toBe('digits · release 5 · Plimsoll');
    expect(page.url()).toBe(`${fake.url}services/digits/default`);
    await eventually(() => fake.openStreams()).toEqual({ fleet: 0, service: 1 });
    const ofService = fake.asked.filter((path) => !/^\/v1\/(fleet|session)/.test(path));
    expect(ofService.filter((path) => !path.includes('service=digits&environment=default'))).toEqual([]);
    expect(await page.evaluate('history.length')).toBe(2);
    await page.reload();
    await eventually(() => page.title()).toBe('digits · release 5 · Plimsoll');
    await page.getByRole('button', { name: '24 h' }).click();
    await page.locator('.samples label').nth(3).click();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await eventually(() => page.locator('.try-outcome').innerText()).toContain('It reads');
    for (const path of ['/v1/signals/history?hours=24&', '/v1/try?']) {
      expect(fake.asked).toContain(`${path}service=digits&environment=default`);
    }
    expect(opened.complaints).toEqual(nothingWrong);
  });

  it('/ of many services counts the replicas that are ready alone where nobody orders a number', async () => {
    const page = await open('fleet');
    const counts = rows(page)
      .filter({ hasText: /unknown/i })
      .first()
      .locator('td')
      .filter({ hasText: /\d ready/ });
    await eventually(() => counts.first().innerText()).toMatch(/^\d+ ready$/);
    const ordered = rows(page)
      .filter({ hasNotText: /unknown/i })
      .first();
    expect(await ordered.innerText()).toMatch(/\d ready\s+of \d/);
    expect(await page.locator('main').innerText()).not.toContain('wanted');
  });

  it('/ of many services opens the list, a row opens its service, and Back leads to the list as it was', async () => {
    const page = await open('fleet');
    await eventually(() => rows(page).count()).toBe(200);
    expect(page.url()).toBe(`${fake.url}services`);
    await eventually(() => fake.openStreams()).toEqual({ fleet: 1, service: 0 });
    expect(fake.asked.filter((path) => !path.startsWith('/v1/session'))).toEqual(['/v1/fleet/stream']);
    await page.getByLabel(/^Search/).fill('ranking staging');
    await eventually(() => rows(page).count()).toBeLessThan(20);
    const first = rows(page).first();
    const name = await first.locator('a').innerText();
    // The link's box lies over the whole row.
    await first.click();
    await eventually(() => page.title()).toContain(`${name} · release 5`);
    expect(page.url()).toBe(`${fake.url}services/${name}/staging`);
    await eventually(() => fake.openStreams()).toEqual({ fleet: 0, service: 1 });
    expect(fake.asked).toContain(`/v1/stream?service=${name}&environment=staging`);
    await page.goBack();
    await eventually(() => page.getByLabel(/^Search/).inputValue()).toBe('ranking staging');
    await page.goForward();
    await page.getByRole('link', { name: 'Services' }).click();
    await eventually(() => rows(page).count()).toBe(200);
    expect(opened.complaints).toEqual(nothingWrong);
  });
});

describe('the list', () => {
  it('has the worst first, and says it in the title and the icon of the tab', async () => {
    const page = await open('fleet', 'services');
    await eventually(() => page.title()).toBe('20 of 200 failing · Plimsoll');
    expect(await page.locator('link[rel="icon"]').getAttribute('href')).toBe('/mark-failing.svg');
    const said = await page.locator('.fleet-health strong').allInnerTexts();
    const counts = Object.fromEntries([...Map.groupBy(said, (word) => word)].map(([word, all]) => [word, all.length]));
    expect(counts).toEqual({ 'Failing:': 20, 'Unknown:': 10, 'Degraded:': 30, 'Not released:': 10, 'Healthy:': 130 });
    expect([...new Set(said)]).toEqual(Object.keys(counts));
    // The fake tells what a control plane tells.
    const view = fleet().view(1);
    expect(fleetViewSchema.parse(view)).toEqual(view);
    const change = fleet().become('digits', 'prod', 'failing', 2);
    expect(fleetChangeSchema.parse(change)).toEqual(change);
    expect(await rows(page).first().innerText()).toMatch(/Failing: 100%[\s\S]*plimsoll rollback --model[\s\S]*0 ready/);
    expect(opened.complaints).toEqual(nothingWrong);
  });

  it('draws again what changed, and moves what became worse to the top', async () => {
    const page = await open('fleet', 'services');
    await page.evaluate(`(() => {
      window.touched = new Set();
      for (const row of document.querySelectorAll('.fleet-row')) row.dataset.before = 'yes';
      const watcher = new MutationObserver((all) => {
        for (const { target } of all) {
          const row = target.nodeType === 1 ? target.closest('.fleet-row') : target.parentElement?.closest('.fleet-row');
          if (row) window.touched.add(row);
        }
      });
      watcher.observe(document.querySelector('.fleet-table'), { subtree: true, childList: true, characterData: true });
    })()`);
    fake.announceFleet(fleet().change(20, Date.now()));
    await eventually(() => page.evaluate('touched.size')).toBeGreaterThan(5);
    expect(await page.evaluate('touched.size')).toBeLessThanOrEqual(20);
    const place = async (): Promise<number> =>
      (await rows(page).locator('th').allInnerTexts()).findIndex((text) => text === 'digits\nprod');
    expect(await place()).toBeGreaterThan(60);
    fake.announceFleet(fleet().become('digits', 'prod', 'failing', Date.now()));
    await eventually(place).toBe(0);
    expect(await page.locator('[data-before]').count()).toBe(200);
    await eventually(() => page.title()).toBe('21 of 200 failing · Plimsoll');
    await rows(page).nth(2).hover();
    fake.announceFleet(fleet().become('digits', 'prod', 'healthy', Date.now()));
    await eventually(() => page.title()).toBe('20 of 200 failing · Plimsoll');
    expect(await place(), 'a row leaves its place while somebody points at the list').toBe(0);
    await eventually(place).toBeGreaterThan(60);
  });

  it('sorts, groups by owner and searches by keyboard, and says so to a screen reader', async () => {
    const page = await open('fleet', 'services');
    const sortOf = (name: string): Promise<string | null> =>
      page.getByRole('columnheader', { name }).getAttribute('aria-sort');
    expect(await sortOf('Health')).toBe('descending');
    await page.getByRole('button', { name: 'Service' }).focus();
    await page.keyboard.press('Enter');
    expect([await sortOf('Service'), await sortOf('Health')]).toEqual(['ascending', 'none']);
    expect(await rows(page).first().innerText()).toMatch(/^digits/);
    await page.keyboard.press('Enter');
    expect(await sortOf('Service')).toBe('descending');
    expect(await rows(page).first().innerText()).toMatch(/^translation/);
    await page.getByRole('button', { name: 'Group by owner' }).press('Enter');
    expect(await page.locator('.fleet-group').count()).toBe(7);
    expect(await page.locator('.fleet-group').allInnerTexts()).toContainEqual(
      expect.stringMatching(/^no owner.*28 services/),
    );
    await page.getByLabel(/^Search/).fill('nothing has this');
    await eventually(() => page.locator('#fleet .empty').innerText()).toContain('nothing has this');
    await page.getByRole('button', { name: 'Show all' }).click();
    expect(page.url()).toBe(`${fake.url}services?sort=-name&group=owner`);
    expect(await page.evaluate(headingsAndNames)).toEqual([]);
  });

  it('shows one state alone by a press on its count, keeps it in the address, and says how many match', async () => {
    const page = await open('fleet', 'services');
    const failing = page.getByRole('button', { name: '20 failing' });
    await failing.press('Enter');
    await eventually(() => rows(page).count()).toBe(20);
    expect(await failing.getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('.fleet-summary [role=status]').innerText()).toBe('20 of 200 match');
    expect(page.url()).toBe(`${fake.url}services?state=failing`);
    await page.reload();
    await eventually(() => rows(page).count()).toBe(20);
    await failing.click();
    await eventually(() => rows(page).count()).toBe(200);
  });

  it('copies the command of a row without opening its service', async () => {
    const page = await open('fleet', 'services', { permissions: ['clipboard-read', 'clipboard-write'] });
    const row = rows(page).first();
    await row.getByRole('button', { name: 'Copy the command plimsoll rollback --model' }).click();
    await eventually(() => page.evaluate('navigator.clipboard.readText()')).toBe('plimsoll rollback --model');
    expect(page.url()).toBe(`${fake.url}services`);
    expect(await page.locator('.fleet-row code').count()).toBe(await page.locator('.fleet-row .copy').count());
    await row.click({ position: { x: 400, y: 8 } });
    await eventually(() => page.url()).toContain('/services/pricing/');
  });

  it('is cards on a phone, scrolls sideways nowhere, and is legible in both schemes', async () => {
    const page = await open('fleet', 'services?group=owner', { viewport: { width: 360, height: 780 } });
    for (const width of [360, 900, 901]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), `${width}`).toBeLessThanOrEqual(
        0,
      );
    }
    // Each state, and rows that have no owner.
    await page.getByLabel(/^Search/).fill('speech');
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(faintTexts)).toEqual([]);
    }
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate(headingsAndNames)).toEqual([]);
    expect(await page.getByRole('row').count()).toBeGreaterThan(50);
  });

  it('of no service says how to add one', async () => {
    const page = await open('no-service');
    await eventually(() => page.locator('#fleet').innerText()).toContain('plimsoll up DIR');
    expect(page.url()).toBe(`${fake.url}services`);
    expect(await page.title()).toBe('no service · Plimsoll');
  });

  it('is unknown and grey when the control plane goes', async () => {
    // A clock that takes the place of another one tells a time of 1970 for a moment, which the page would keep.
    const page = await open('fleet', 'services', { beforeLoading: (opening) => opening.clock.install() });
    await fake.close();
    await eventually(() => page.locator('.connection').innerText()).toContain('Reconnecting');
    await page.clock.fastForward(60_000);
    await eventually(() => page.locator('.gone-notice').innerText()).toContain('The control plane does not answer');
    // The icon is set by an effect, which the page runs after it has drawn.
    await eventually(() => page.locator('link[rel="icon"]').getAttribute('href')).toBe('/mark-unknown.svg');
    expect(await page.locator('#main').getAttribute('data-old')).not.toBeNull();
  });
});
