/** The page behind a proxy that puts a prefix in front of its addresses, and takes it away before it asks. */
import { createServer, request as ask, type Server as Proxy } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Server } from '../../../src/control-plane/http/http-parts.ts';
import { aReleaseRequest } from '../../../src/testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../../src/testing/rigs/control-plane-rig.ts';
import { asOperator, testAccess } from '../../../src/testing/rigs/control-plane-server.ts';
import { eventually, launchBrowser, openPage } from '../browser.ts';

const prefix = '/plimsoll';
let browser: Browser;
let rig: ControlPlaneRig;
let server: Server;
let proxy: Proxy;
/** Where the proxy is reached, without the prefix. */
let origin: string;
const outside: string[] = [];

/** Answers what lies outside of the prefix with 404, and remembers it. */
function startProxy(target: URL): Proxy {
  return createServer((request, response) => {
    const { url = '', method, headers } = request;
    if (!url.startsWith(`${prefix}/`)) {
      outside.push(url);
      response.writeHead(404).end();
      return;
    }
    const { hostname, port } = target;
    const onward = ask({ hostname, port, method, headers, path: url.slice(prefix.length) }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
}

beforeAll(async () => {
  browser = await launchBrowser();
  rig = new ControlPlaneRig();
  await rig.start();
  await rig.operations().release(await aReleaseRequest(rig.blobs, 1));
  await rig.pass(3_000);
  const dashboardFolder = path.resolve(import.meta.dirname, '../../../dashboard/dist');
  server = await rig.server({ dashboardFolder, access: testAccess(() => [], { openReading: false }) });
  proxy = startProxy(new URL(await server.listen({ host: '127.0.0.1', port: 0 })));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
});
afterAll(async () => {
  proxy.closeAllConnections();
  proxy.close();
  await rig.stop();
  await server.close();
  await browser.close();
});

it('signs in, opens its one service, comes back from a reload, and leads to the list and to the reference', async () => {
  const root = `${origin}${prefix}/`;
  const answer = await fetch(`${root}v1/session-codes`, { method: 'POST', headers: asOperator });
  const { code } = (await answer.json()) as { readonly code: string };
  const { page, context, complaints } = await openPage(browser, `${root}#code=${code}`);
  await eventually(() => page.locator('footer').innerText()).toContain('Signed in as ada');
  await eventually(() => page.title()).toContain('digits · release 1');
  expect(page.url()).toBe(`${root}services/digits/default`);
  await page.reload();
  await eventually(() => page.title()).toContain('digits · release 1');
  await eventually(() => page.locator('footer').innerText()).toContain('Signed in as ada');
  const icon = await page.evaluate(`document.querySelector('link[rel="icon"]').href`);
  expect(icon).toMatch(new RegExp(`^${root}mark`));
  const links = await page
    .locator('footer a')
    .evaluateAll((all) => all.map((link) => (link as { href?: string }).href));
  for (const link of links) {
    const found = await context.request.get(link ?? '');
    expect(found.status(), link).toBe(200);
  }
  await page.getByRole('link', { name: 'Services' }).click();
  await eventually(() => page.locator('.fleet-row').count()).toBe(1);
  expect(page.url()).toBe(`${root}services`);
  await page.locator('.fleet-row a').click();
  await eventually(() => page.url()).toBe(`${root}services/digits/default`);
  expect(complaints).toEqual({ errors: [], violations: [], foreign: [] });
  await page.goto(`${root}reference/`);
  await page.locator('.opblock').first().waitFor();
  // A browser asks for an icon of its own where a document names none.
  expect(outside.filter((url) => url !== '/favicon.ico')).toEqual([]);
  await context.close();
});
