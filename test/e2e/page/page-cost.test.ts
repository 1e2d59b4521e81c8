/** Where device time and money go: the page of the fleet, and the part of each service's page. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type FakeControlPlane, startFakeControlPlane } from '../../../dashboard/dev/fake-control-plane.ts';
import { costReportSchema } from '../../../src/schemas/http/cost/http-cost.ts';
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

async function open(
  options: Omit<Parameters<typeof startFakeControlPlane>[0], 'port'>,
  path: string,
  context: Parameters<typeof openPage>[2] = {},
): Promise<Page> {
  fake = await startFakeControlPlane({ port: 0, ...options });
  fake.pause();
  opened = await openPage(browser, fake.url + path, context);
  return opened.page;
}

const nothingWrong = { errors: [], violations: [], foreign: [] };
const saidOf = (page: Page): Promise<string> => page.locator('.cost-said').first().innerText();

describe('the account of the fleet', () => {
  it('is led to from the services, says first what matters most, and keeps how it is looked at in the address', async () => {
    const page = await open({ scenario: 'fleet' }, 'services');
    await page.getByRole('link', { name: 'Cost' }).click();
    await eventually(() => saidOf(page)).toMatch(/^The last 24 hours cost [\d,.]+ EUR: .* idle, .* Largest cause: /);
    expect(page.url()).toBe(`${fake.url}cost`);
    expect(await page.locator('.cost-unit h3').allInnerTexts()).toEqual(['24 accelerators', 'Cores of 1 node']);
    expect(await page.locator('.cost-errors').innerText()).toContain('claimed-twice');
    await page.getByRole('button', { name: '30 days' }).click();
    await page.getByRole('button', { name: 'by service' }).click();
    await eventually(() => page.locator('.cost-legend').first().innerText()).toMatch(
      /no service[\s\S]* other services/,
    );
    expect(await saidOf(page)).toContain('The last 30 days');
    expect(page.url()).toBe(`${fake.url}cost?last=30d&by=service`);
    await page.reload();
    await eventually(() => saidOf(page)).toContain('The last 30 days');
    const answer = await (await page.request.get(`${fake.url}v1/cost?by=day,state`)).json();
    expect(costReportSchema.parse(answer)).toMatchObject({ by: ['day', 'state'] });
    expect(opened.complaints).toEqual(nothingWrong);
  });

  it('lists what idles, the largest first, with what removes it, and hides no time that cannot be told', async () => {
    const page = await open({ scenario: 'fleet' }, 'cost?last=30d');
    const list = page.locator('.cost-idle').first();
    await eventually(() => list.locator('tbody tr').count()).toBeGreaterThan(5);
    const amounts = (await list.locator('tbody tr:not(.cost-unattributable) th').allInnerTexts()).map((text) =>
      Number(text.split(/\s/)[0]?.replaceAll(',', '')),
    );
    expect(amounts).toEqual(amounts.toSorted((a, b) => b - a));
    expect(await list.innerText()).toContain('Lower scaling.replicas.min');
    expect(await list.locator('tr').last().innerText()).toMatch(/unattributable[\s\S]*no control plane recorded/);
    const link = list.getByRole('link').first();
    const name = await link.innerText();
    await link.click();
    await eventually(() => page.url()).toContain(`/services/${name}/prod#cost`);
  });

  it('shows for each two services that share what it costs in latency, or that it is not measured yet', async () => {
    const page = await open({ scenario: 'fleet' }, 'cost');
    const rows = page.locator('.cost-sharing tbody tr');
    await eventually(() => rows.count()).toBe(2);
    const [measured = '', other = ''] = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    expect(measured).toMatch(/node-1\/cores 12 61 min 18 42 min \+5\.6 \+3\.1 to \+8\.2$/);
    expect(other).toMatch(/42 103 min 44 3 min not measured yet$/);
    // On a phone each number has its name beside it.
    await page.setViewportSize({ width: 390, height: 844 });
    const cell = rows.first().locator('td').nth(2);
    const named = await page.evaluate(
      `getComputedStyle(document.querySelector('.cost-sharing tbody tr').querySelectorAll('td')[2], '::before').content`,
    );
    expect(named).toBe('"other idle"');
    expect((await cell.innerText()).replace(/\s+/g, ' ')).toBe('12 ms 61 min');
    expect(await page.evaluate(headingsAndNames)).toEqual([]);
    const name = await rows.first().getByRole('link').first().innerText();
    await page.getByRole('button', { name: 'by service' }).click();
    await rows.first().getByRole('link').first().click();
    await eventually(() => page.url()).toContain(`/services/${name}/`);
    await eventually(() => page.locator('#cost .cost-said').first().innerText()).toContain('idle');
    expect(await page.locator('.cost-sharing').count()).toBe(0);
    expect(opened.complaints).toEqual(nothingWrong);
  });

  it('is told by patterns, in the same numbers as a table, and by the bar that is pointed at', async () => {
    const page = await open({ scenario: 'fleet' }, 'cost');
    const fillsOf = (selector: string): Promise<string[]> =>
      page
        .locator('.cost-unit')
        .first()
        .locator(selector)
        .evaluateAll((all) => all.map((each) => each.getAttribute('fill') ?? ''));
    await eventually(() => fillsOf('.cost-swatch rect')).toHaveLength(6);
    const legend = await fillsOf('.cost-swatch rect');
    expect(new Set(legend).size).toBe(6);
    expect(new Set(await fillsOf('.cost-part'))).toEqual(new Set(legend));
    await page.getByText('The same numbers as a table').first().click();
    const table = page.locator('.cost-numbers table').first();
    expect(await table.getByRole('row').count()).toBe(25);
    const lastRow = await table.getByRole('row').nth(2).innerText();
    const plot = page.locator('.cost-plot').first();
    const { width = 0 } = (await plot.boundingBox()) ?? {};
    await plot.hover({ position: { x: width * (22.5 / 24), y: 100 } });
    await eventually(() => page.locator('.cost-when').first().innerText()).toMatch(/\d\d:00 to \d\d:00 UTC/);
    const pointed = await page.locator('.cost-legend').first().locator('.cost-whole dd').innerText();
    expect(lastRow).toContain(pointed);
    expect(await page.evaluate(headingsAndNames)).toEqual([]);
  });

  it('is legible in both schemes, scrolls sideways nowhere, and is printed on white', async () => {
    const page = await open({ scenario: 'fleet' }, 'cost', { viewport: { width: 360, height: 780 } });
    await eventually(() => page.locator('.cost-idle tbody tr').count()).toBeGreaterThan(5);
    await page.getByText('The same numbers as a table').first().click();
    for (const width of [360, 390, 700, 900, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), `${width}`).toBeLessThanOrEqual(
        0,
      );
    }
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await page.evaluate(faintTexts)).toEqual([]);
    }
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(245, 246, 245)',
    );
    expect(await page.getByRole('button', { name: '30 days' }).isVisible()).toBe(false);
    expect(await page.locator('.cost-plot').first().isVisible()).toBe(true);
  });

  it('says what will be shown, and when, where nothing is recorded', async () => {
    const page = await open({ scenario: 'no-service' }, 'cost');
    await eventually(() => page.locator('#cost').innerText()).toMatch(/No device time[\s\S]*plimsoll up/);
  });

  it('is not shown to a credential for one service, which sees that service alone', async () => {
    const page = await open({ scenario: 'fleet', seesOneService: true }, 'cost');
    await eventually(() => page.locator('#cost').innerText()).toContain('may not view the device time of all services');
    await page.goto(`${fake.url}services/digits/prod`);
    await eventually(() => page.locator('#cost .cost-said').first().innerText()).toContain('idle');
    expect(await page.locator('#cost').innerText()).not.toContain('no service');
    const asked = fake.asked.filter((path) => path.startsWith('/v1/cost') && path.includes('service='));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((path) => !path.endsWith('&service=digits&environment=prod'))).toEqual([]);
  });
});

describe('the account of one service', () => {
  it('stands on its page, in time where there are no prices, and by release', async () => {
    const page = await open({ scenario: 'steady' }, '');
    const part = page.locator('#cost');
    await eventually(() => part.innerText()).toMatch(/accelerator-hours in the last 24 hours: .* idle/);
    await part.getByRole('button', { name: 'by release' }).click();
    await eventually(() => part.locator('.cost-legend').innerText()).toContain('release 5');
    await part.getByRole('link', { name: 'Cost of the whole fleet' }).click();
    await eventually(() => page.locator('h1').innerText()).toBe('Cost');
    expect(opened.complaints).toEqual(nothingWrong);
  });
});
