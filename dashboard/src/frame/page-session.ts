import { useSyncExternalStore } from 'preact/compat';
import type { SessionAnswer, SignInProvidersAnswer } from '../../../src/schemas/http/http-session.ts';
import { fromRoot } from './address.ts';

/** Of this origin, port included: another server of this machine has no way to it. Behind a prefix each page has its own. */
const storageName = (): string => `plimsoll-write-key${fromRoot('').slice(0, -1)}`;
const timeoutMs = 10_000;

/** Null until the control plane said who this page is. */
let session: SessionAnswer | null = null;
/** By which people may sign in; null until the control plane told them. */
let providers: SignInProvidersAnswer['providers'] | null = null;
/** How the last sign-in at a provider ended, where it gave no session. */
let ended: string | null = null;
const listeners = new Set<() => void>();

/** Trades the code of the link, if there is one, for a session, and takes it out of the address. Never rejects. */
export async function signIn(): Promise<void> {
  const [, kind, value = ''] = /^#(code|sign-in)=([\w-]+)$/.exec(location.hash) ?? [];
  if (kind === undefined) return;
  history.replaceState(null, '', location.pathname + location.search);
  if (kind === 'code') await redeem(value).catch(() => undefined);
  else ended = value;
}

/** Asks who this page is. Never rejects. */
export async function lookWhoThisIs(): Promise<void> {
  [session, providers] = await Promise.all([readSession().catch(() => null), readProviders().catch(() => null)]);
  for (const listener of listeners) listener();
}

/** What every request that writes carries beside the cookie. */
export function writeHeaders(): Readonly<Record<string, string>> {
  const key = readKey();
  return { 'content-type': 'application/json', ...(key === null ? {} : { 'plimsoll-write-key': key }) };
}

export function useSession(): SessionAnswer | null {
  return useSyncExternalStore(listen, () => session);
}

/** Names of the providers by which people may sign in; null until they are known. */
export function useProviders(): SignInProvidersAnswer['providers'] | null {
  return useSyncExternalStore(listen, () => providers);
}

export function useSignInEnd(): string | null {
  return useSyncExternalStore(listen, () => ended);
}

/** Where a link leads that signs in by a provider, and back to what is shown now. */
export function signInAddress(provider: string): string {
  const to = (location.pathname + location.search).slice(fromRoot('').length);
  return fromRoot(`v1/session/begin?${new URLSearchParams({ provider, ...(to === '' ? {} : { to }) }).toString()}`);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function redeem(code: string): Promise<void> {
  const answer = await fetch(fromRoot('v1/session'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) return;
  const { writeKey } = (await answer.json()) as { readonly writeKey: string };
  localStorage.setItem(storageName(), writeKey);
}

async function readSession(): Promise<SessionAnswer | null> {
  const answer = await fetch(fromRoot('v1/session'), {
    headers: writeHeaders(),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return answer.ok ? ((await answer.json()) as SessionAnswer) : null;
}

async function readProviders(): Promise<SignInProvidersAnswer['providers']> {
  const answer = await fetch(fromRoot('v1/session/providers'), { signal: AbortSignal.timeout(timeoutMs) });
  return answer.ok ? ((await answer.json()) as SignInProvidersAnswer).providers : [];
}

/** Null too where the browser lets no page keep anything. */
function readKey(): string | null {
  try {
    return localStorage.getItem(storageName());
  } catch {
    return null;
  }
}
