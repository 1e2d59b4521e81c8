import { useSyncExternalStore } from 'preact/compat';
import type { SessionAnswer } from '../../../src/schemas/http/http-session.ts';
import { fromRoot } from './address.ts';

/** Of this origin, port included: another server of this machine has no way to it. Behind a prefix each page has its own. */
const storageName = (): string => `plimsoll-write-key${fromRoot('').slice(0, -1)}`;
const timeoutMs = 10_000;

/** Null until the control plane said who this page is. */
let session: SessionAnswer | null = null;
const listeners = new Set<() => void>();

/** Trades the code of the link, if there is one, for a session, and takes it out of the address. Never rejects. */
export async function signIn(): Promise<void> {
  const code = /^#code=([\w-]+)$/.exec(location.hash)?.[1];
  if (code === undefined) return;
  history.replaceState(null, '', location.pathname + location.search);
  await redeem(code).catch(() => undefined);
}

/** Asks who this page is. Never rejects. */
export async function lookWhoThisIs(): Promise<void> {
  session = await readSession().catch(() => null);
  for (const listener of listeners) listener();
}

/** What every request that writes carries beside the cookie. */
export function writeHeaders(): Readonly<Record<string, string>> {
  const key = readKey();
  return { 'content-type': 'application/json', ...(key === null ? {} : { 'plimsoll-write-key': key }) };
}

export function useSession(): SessionAnswer | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => session,
  );
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

/** Null too where the browser lets no page keep anything. */
function readKey(): string | null {
  try {
    return localStorage.getItem(storageName());
  } catch {
    return null;
  }
}
