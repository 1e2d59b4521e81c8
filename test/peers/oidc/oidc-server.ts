import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Pinned: another version lives in another folder. */
const version = '9.13.3';
const folder = path.join(
  process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'),
  'plimsoll-test',
  `oidc-provider-${version}`,
);
const installed = path.join(folder, 'node_modules/oidc-provider/lib/index.js');

export const clientId = 'plimsoll-client';
const redirectUri = 'http://127.0.0.1/callback';
/** Of a native client, for which the port of a loopback address does not count (RFC 8252, 7.3). */
const ofPage = 'http://127.0.0.1/v1/session/callback';

/** Why the test of a real provider is skipped; null where it is not. */
export function missingOidcProvider(): string | null {
  return existsSync(installed) ? null : `oidc-provider is not in ${folder}`;
}

/** Installs it from npm, once and without scripts; says why it could not be had. */
export function installOidcProvider(say: (line: string) => void): boolean {
  if (existsSync(installed)) return true;
  mkdirSync(folder, { recursive: true });
  const words = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', '--silent'];
  const run = spawnSync('npm', [...words, `oidc-provider@${version}`], {
    encoding: 'utf8',
    timeout: 600_000,
    cwd: folder,
  });
  if (run.status !== 0) say(`npm: ${(run.stderr || String(run.error)).trim().slice(-300)}`);
  return existsSync(installed);
}

export interface OidcServer {
  readonly issuer: string;
  /** An ID token by authorization code with PKCE, as a browser gets it. */
  signIn(login: string): Promise<string>;
  /** What a browser does that is sent to the provider: signs in there, and comes to the address that it is sent back to. */
  follow(url: string, login: string): Promise<string>;
  stop(): Promise<void>;
}

export async function startOidcProvider(): Promise<OidcServer> {
  const program = path.join(import.meta.dirname, 'provider.ts');
  const child = spawn(process.execPath, [program, folder, clientId, redirectUri, ofPage], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const issuer = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', (status) => reject(new Error(`the provider ended with ${status}`)));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      const line = /^(http:\S+)\n/m.exec(said)?.[1];
      if (line !== undefined) resolve(line);
    });
  });
  return {
    issuer,
    signIn: (login) => signIn(issuer, login),
    follow: (url, login) =>
      followFrom(url, login, (next) => new URL(next).pathname === new URL(ofPage).pathname, makeVisit()),
    stop: () =>
      new Promise((resolve) => {
        child.removeAllListeners('exit');
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once('exit', () => resolve());
        child.kill('SIGKILL');
      }),
  };
}

const stepsAtMost = 20;

type Visit = (url: string, form?: Readonly<Record<string, string>>) => Promise<Response>;

/** With the cookies that were given before. */
function makeVisit(): Visit {
  const cookies = new Map<string, string>();
  return async (url, form) => {
    const answer = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      ...(form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) }),
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    return answer;
  };
}

async function followFrom(from: string, login: string, isEnd: (url: string) => boolean, visit: Visit): Promise<string> {
  let url = from;
  for (let step = 0; step < stepsAtMost && !isEnd(url); step += 1) {
    let answer = await visit(url);
    if (answer.status === 200) {
      const prompt = /name="prompt" value="(\w+)"/.exec(await answer.text())?.[1] ?? 'login';
      answer = await visit(url, prompt === 'login' ? { prompt, login, password: 'any' } : { prompt });
    }
    url = new URL(answer.headers.get('location') ?? '', url).href;
  }
  return url;
}

async function signIn(issuer: string, login: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url');
  const visit = makeVisit();
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  const from = `${issuer}/auth?${new URLSearchParams({
    ...{ client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope: 'openid email groups' },
    ...{ code_challenge: challenge, code_challenge_method: 'S256' },
  })}`;
  const url = await followFrom(from, login, (next) => next.startsWith(redirectUri), visit);
  const code = new URL(url).searchParams.get('code') ?? '';
  const form = {
    grant_type: 'authorization_code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code_verifier: verifier,
    code,
  };
  const answer = await visit(`${issuer}/token`, form);
  const { id_token: token } = (await answer.json()) as { readonly id_token?: string };
  if (token === undefined) throw new Error(`the provider gave no token: ${answer.status} at ${url}`);
  return token;
}
