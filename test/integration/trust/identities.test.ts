/** Tokens of identity providers and of emergencies, through the whole program: `up`, and commands that come with a token. */
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientId, missingOidcProvider, startOidcProvider, type OidcServer } from '../../peers/oidc/oidc-server.ts';
import { UserProject, type Ran } from '../../user-project.ts';

const contract = `apiVersion: plimsoll.dev/v1
service: tiny
code: { command: [plimsoll, serve-model] }
model: { name: tiny, version: candidate }
`;
const issuer = 'https://token.actions.githubusercontent.com';
const ofJobs = `  - name: github
    preset: github
    audience: plimsoll
    keys: { file: keys.json }
    rules:
      - { when: { repository: acme/tiny, ref_protected: true }, role: operate }
`;
const ofPeople = (from: string, page: string): string => `  - name: acme
    issuer: ${from}
    audience: ${clientId}
    signIn: { page: ${page}, scopes: [openid, email, groups] }
    rules:
      - { when: { groups: ml-platform }, role: operate }
      - { when: { email: "*@acme.example" }, role: view }
`;

let pair: Awaited<ReturnType<typeof generateKeyPair>>;
let project: UserProject;
let glass: string;
beforeAll(async () => {
  pair = await generateKeyPair('RS256');
  const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', use: 'sig' }] };
  project = new UserProject({
    files: {
      'plimsoll.yaml': contract,
      'keys.json': JSON.stringify(keys),
      'identities.yaml': `providers:\n${ofJobs}`,
    },
  });
  glass = (
    await project.passing('token', 'add', 'glass', '--role', 'operate', '--break-glass', '--file', 'tokens')
  ).trim();
  await project.up('--identities', 'identities.yaml', '--token-file', 'tokens');
}, 180_000);
afterAll(async () => {
  expect(await project.stop()).toEqual({ status: 0, left: 0 });
  project.remove();
}, 120_000);

function sign(claims: JWTPayload = {}): Promise<string> {
  const seconds = Math.floor(Date.now() / 1_000);
  const job = {
    ...{ iss: issuer, aud: 'plimsoll', sub: 'repo:acme/tiny:ref:refs/heads/main', iat: seconds, exp: seconds + 600 },
    ...{ repository: 'acme/tiny', ref: 'refs/heads/main', ref_protected: 'true', event_name: 'push' },
  };
  return new SignJWT({ ...job, ...claims }).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(pair.privateKey);
}
/** A command as on another machine: by address and token, on a network that somebody trusts. */
const as = (token: string, ...words: readonly string[]): Promise<Ran> =>
  project
    .with({ PLIMSOLL_SERVER: project.pageUrl, PLIMSOLL_TOKEN: token, PLIMSOLL_PLAIN_HTTP: '1' })
    .plimsoll(...words);
const session = async (token: string): Promise<unknown> =>
  (await fetch(`${project.pageUrl}/v1/session`, { headers: { authorization: `Bearer ${token}` } })).json();

describe('a job of CI', () => {
  it('asks by a command with its token', async () => {
    const { status, stderr } = await as(await sign(), 'history');
    expect([status, stderr]).toEqual([0, '']);
    expect(await session(await sign())).toEqual({ name: 'github:acme/tiny@refs/heads/main', roles: ['operate'] });
    expect(await session(await sign({ event_name: 'pull_request' }))).toMatchObject({ roles: ['view'] });
  });

  it.each<[string, JWTPayload, string]>([
    ['has expired', { exp: 1 }, 'exp'],
    ['is of another audience', { aud: 'elsewhere' }, 'aud'],
  ])('whose token %s is told so', async (_what, claims, says) => {
    expect(await as(await sign(claims), 'history')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining(says) as string,
    });
  });

  it('sends its token over plain HTTP to nobody who was not trusted by name', async () => {
    const unsafe = project.with({ PLIMSOLL_SERVER: project.pageUrl, PLIMSOLL_TOKEN: await sign() });
    expect(await unsafe.plimsoll('history')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('over plain HTTP') as string,
    });
  });
});

it('a break-glass token comes in, and history tells each use', async () => {
  expect(await as(glass, 'history')).toMatchObject({ status: 0 });
  await expect
    .poll(async () => (await project.plimsoll('history', '--kind', 'access')).stdout, {
      timeout: 90_000,
      interval: 500,
    })
    .toContain('The break-glass token glass was used');
}, 120_000);

it('a file that breaks leaves what was there, and one that is mended counts', async () => {
  project.write('identities.yaml', 'providers: nobody\n');
  const stale = async (): Promise<string> =>
    (await fetch(`${project.pageUrl}/metrics`, { headers: { authorization: `Bearer ${await sign()}` } })).text();
  await expect.poll(stale, { timeout: 60_000, interval: 500 }).toContain('plimsoll_control_plane_identities_stale 1');
  project.write('identities.yaml', `providers:\n${ofJobs}`);
  await expect.poll(stale, { timeout: 60_000, interval: 500 }).toContain('plimsoll_control_plane_identities_stale 0');
}, 150_000);

const missing = missingOidcProvider();
describe.skipIf(missing !== null)(
  `a provider that is not ours${missing === null ? '' : ` (skipped: ${missing})`}`,
  () => {
    let provider: OidcServer;
    beforeAll(async () => {
      provider = await startOidcProvider();
      project.write('identities.yaml', `providers:\n${ofJobs}${ofPeople(provider.issuer, project.pageUrl)}`);
    }, 120_000);
    afterAll(() => provider.stop());

    it('signs people in by code and PKCE, and their claims give their roles', async () => {
      const ada = await provider.signIn('ada');
      await expect
        .poll(() => session(ada), { timeout: 60_000, interval: 500 })
        .toEqual({ name: 'acme:ada@acme.example', roles: ['operate', 'view'] });
      expect(await session(await provider.signIn('bob'))).toEqual({ name: 'acme:bob@acme.example', roles: ['view'] });
      // An address that nobody verified is none.
      expect(await session(await provider.signIn('mallory'))).toMatchObject({ error: { code: 'forbidden' } });
      expect(await as(ada, 'history')).toMatchObject({ status: 0 });
    }, 120_000);

    it('signs people in to the page, whose session has their rights', async () => {
      const begun = await fetch(`${project.pageUrl}/v1/session/begin?provider=acme&to=cost`, { redirect: 'manual' });
      const cookie = begun.headers.getSetCookie().map((each) => each.split(';')[0]);
      const url = await provider.follow(begun.headers.get('location') ?? '', 'ada');
      expect(url).toMatch(new RegExp(`^${project.pageUrl}/v1/session/callback\\?`));
      const back = await fetch(url, { redirect: 'manual', headers: { cookie: cookie.join('; ') } });
      const [, code = ''] = /^\.\.\/\.\.\/cost#code=([\w-]+)$/.exec(back.headers.get('location') ?? '') ?? [];
      const opened = await fetch(`${project.pageUrl}/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code }),
      });
      const { writeKey } = (await opened.json()) as { readonly writeKey: string };
      const page = {
        cookie: opened.headers
          .getSetCookie()
          .map((each) => each.split(';')[0])
          .join('; '),
      };
      const answer = await fetch(`${project.pageUrl}/v1/session`, {
        headers: { ...page, 'plimsoll-write-key': writeKey },
      });
      expect(await answer.json()).toEqual({ name: 'acme:ada@acme.example', roles: ['operate', 'view'] });
      // A begun sign-in comes back once, and in the browser that began it.
      const again = await fetch(url, { redirect: 'manual', headers: { cookie: cookie.join('; ') } });
      expect(again.headers.get('location')).toBe('../../cost#sign-in=expired');
      const stranger = await fetch(url, { redirect: 'manual' });
      expect(stranger.headers.get('location')).toBe('../../#sign-in=expired');
    }, 120_000);

    it('that goes away leaves its tokens and all others in force', async () => {
      const ada = await provider.signIn('ada');
      expect(await session(ada)).toMatchObject({ roles: ['operate', 'view'] });
      await provider.stop();
      expect(await session(ada)).toMatchObject({ roles: ['operate', 'view'] });
      expect(await as(glass, 'history')).toMatchObject({ status: 0 });
    }, 120_000);
  },
);
