/** How a browser gets to act: by a link that works once, and not by the page's address. */
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Server } from '../../src/control-plane/http/http-parts.ts';
import { aReleaseRequest } from '../../src/testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../src/testing/rigs/control-plane-rig.ts';
import { asOperator, testAccess } from '../../src/testing/rigs/control-plane-server.ts';
import { eventually, launchBrowser, openPage } from './browser.ts';

const viewports = [
  { width: 1280, height: 900 },
  { width: 390, height: 844 },
];
let browser: Browser;
let rig: ControlPlaneRig;
let server: Server;
let url: string;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  rig = new ControlPlaneRig();
  await rig.start();
  await rig.operations().release(await aReleaseRequest(rig.blobs, 1));
  await rig.pass(3_000);
  await serve(true);
});
afterEach(async () => {
  await rig.stop();
  await server.close();
});

async function serve(openReading: boolean): Promise<void> {
  const dashboardFolder = path.resolve(import.meta.dirname, '../../dashboard/dist');
  const access = testAccess(() => [], { openReading });
  server = await rig.server({ dashboardFolder, access });
  url = await server.listen({ host: '127.0.0.1', port: 0 });
}

async function newLink(): Promise<string> {
  const answer = await fetch(`${url}/v1/session-codes`, { method: 'POST', headers: asOperator });
  const { code } = (await answer.json()) as { readonly code: string };
  return `${url}/#code=${code}`;
}

describe.each(viewports)('at $width px', (viewport) => {
  it('the address alone reads, and says how to act', async () => {
    const { page, context, complaints } = await openPage(browser, `${url}/`, { viewport });
    await eventually(() => page.locator('footer').innerText()).toContain('Read only. To act from here');
    await eventually(() => page.locator('footer').innerText()).toContain('plimsoll page');
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
    await context.close();
  });

  it('the link signs in, leaves the address bar, and goes on after a reload', async () => {
    const { page, context, complaints } = await openPage(browser, await newLink(), { viewport });
    await eventually(() => page.locator('footer').innerText()).toContain('Signed in as ada');
    expect(new URL(page.url()).hash).toBe('');
    await page.reload();
    await eventually(() => page.locator('footer').innerText()).toContain('Signed in as ada');
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
    await context.close();
  });
});

it('the link works once', async () => {
  const link = await newLink();
  const first = await openPage(browser, link);
  await eventually(() => first.page.locator('footer').innerText()).toContain('Signed in as ada');
  const second = await openPage(browser, link);
  await eventually(() => second.page.locator('footer').innerText()).toContain('Read only');
  await first.context.close();
  await second.context.close();
});

it('where reading needs a token the page says that it is not signed in, and the link opens it', async () => {
  await server.close();
  await serve(false);
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await eventually(() => page.locator('main').innerText()).toContain('This page is not signed in');
  // Only what stands behind # is another: that alone loads no page anew.
  await page.goto('about:blank');
  await page.goto(await newLink());
  await eventually(() => page.locator('footer').innerText()).toContain('Signed in as ada');
  await eventually(() => page.locator('main').innerText()).toContain('Release 1');
  await context.close();
});
