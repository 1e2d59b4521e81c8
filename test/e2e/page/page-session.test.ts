/** How a browser gets to act: by a link that works once, and not by the page's address. */
import path from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeIdTokenVerifier } from '../../../src/adapters/oidc/id-token-verifier.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import type { AccessRules } from '../../../src/control-plane/http/access/authenticate.ts';
import { IdentityTokens } from '../../../src/control-plane/http/access/identity/identity-tokens.ts';
import { SignIns } from '../../../src/control-plane/http/access/sign-in/sign-ins.ts';
import type { Server } from '../../../src/control-plane/http/http-parts.ts';
import type { IdentityProvider } from '../../../src/core/access/providers/identity-provider.ts';
import { makeSignInRefusal } from '../../../src/core/access/providers/refused-sign-in.ts';
import type { CodeFlow } from '../../../src/ports/access/code-flow.ts';
import { aReleaseRequest } from '../../../src/testing/builders/release-fixture.ts';
import { ControlPlaneRig } from '../../../src/testing/rigs/control-plane-rig.ts';
import { asOperator, testAccess } from '../../../src/testing/rigs/control-plane-server.ts';
import { eventually, launchBrowser, openPage } from '../browser.ts';

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

async function serve(
  openReading: boolean,
  over: (access: AccessRules) => Partial<AccessRules> = () => ({}),
): Promise<void> {
  const dashboardFolder = path.resolve(import.meta.dirname, '../../../dashboard/dist');
  const rules = testAccess(() => [], { openReading }, Date.now);
  const access = { ...rules, ...over(rules) };
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

/** A provider that lets everybody in at once, by the name of ada, or says no. */
async function serveWithProvider(answers: 'yes' | 'no'): Promise<void> {
  const pair = await generateKeyPair('ES256');
  const issuer = 'https://login.acme.example';
  const provider: IdentityProvider = {
    ...{ name: 'acme', issuer, audience: 'plimsoll', preset: null, trustsEmails: false },
    keys: { kind: 'set', keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', use: 'sig' }] },
    rules: [{ when: { groups: ['ml'] }, grant: { role: 'operate', service: null, environment: null } }],
    revoked: { tokens: [], subjects: [], issuedBeforeMs: null },
    signIn: { page: 'http://127.0.0.1/', scopes: ['openid'], secretFile: null },
  };
  const flow: CodeFlow = {
    begin: async () => ({
      url: `${url}/v1/session/callback?code=c&state=s`,
      flow: { state: 's', nonce: 'n', verifier: 'v' },
    }),
    finish: async () => {
      if (answers === 'no') throw makeSignInRefusal('denied', 'acme answered access_denied');
      const token = new SignJWT({ groups: ['ml'] }).setProtectedHeader({ alg: 'ES256', kid: 'k' });
      return token
        .setIssuer(issuer)
        .setAudience('plimsoll')
        .setSubject('ada')
        .setIssuedAt()
        .setExpirationTime('1h')
        .sign(pair.privateKey);
    },
  };
  const providers = (): readonly IdentityProvider[] => [provider];
  const clock = systemClock;
  const identities = new IdentityTokens({ providers, verify: makeIdTokenVerifier({ clock }), clock });
  const key = Buffer.alloc(32, 7);
  await server.close();
  await serve(false, ({ sessions }) => ({
    identities,
    signIns: new SignIns({ providers, flow, identities, sessions, key, clock }),
  }));
}

it('a person signs in by a provider, comes back to where the page was, and may act', async () => {
  await serveWithProvider('yes');
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${url}/cost?last=30d`);
  await page.getByRole('link', { name: 'sign in with acme' }).first().click();
  await eventually(() => page.locator('footer').innerText()).toContain('Signed in as acme:ada');
  expect(page.url()).toBe(`${url}/cost?last=30d`);
  expect(
    (await context.cookies()).map(({ name, httpOnly, sameSite }) => [name.replace(/_\d+$/, ''), httpOnly, sameSite]),
  ).toEqual([['plimsoll_session', true, 'Strict']]);
  await page.reload();
  await eventually(() => page.locator('footer').innerText()).toContain('Signed in as acme:ada');
  await context.close();
});

it('whom a provider does not let in is told so, and may try again', async () => {
  await serveWithProvider('no');
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(url);
  await page.getByRole('link', { name: 'sign in with acme' }).first().click();
  await eventually(() => page.locator('body').innerText()).toContain('The provider did not let you in.');
  expect(new URL(page.url()).hash).toBe('');
  expect(await page.getByRole('link', { name: 'sign in with acme' }).count()).toBeGreaterThan(0);
  await context.close();
});
