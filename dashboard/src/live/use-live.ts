import { useSyncExternalStore } from 'preact/compat';
import { feed } from './browser.ts';
import { type ConnectionState, connectionState } from './connection.ts';
import type { Live } from './live-feed.ts';

/** One part of what is known; `select` returns a stored value, never a new one, so that it can be compared. */
export function useLive<T>(select: (live: Live) => T): T {
  return useSyncExternalStore(feed.subscribe, () => select(feed.snapshot()));
}

const tickMs = 1000;
let tickedAtMs = Date.now();
const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | null = null;

/** One timer for the whole page: ages tick together. */
function watchClock(watcher: () => void): () => void {
  watchers.add(watcher);
  ticking ??= setInterval(() => {
    tickedAtMs = Date.now();
    for (const each of watchers) each();
  }, tickMs);
  return () => {
    watchers.delete(watcher);
    if (watchers.size > 0 || ticking === null) return;
    clearInterval(ticking);
    ticking = null;
  };
}

/** This machine's clock, once a second. */
export function useLocalNowMs(): number {
  return useSyncExternalStore(watchClock, () => tickedAtMs);
}

/** The control plane's clock, once a second: what its times are compared with. */
export function useNowMs(): number {
  return useLocalNowMs() + useLive((live) => live.clockAheadMs);
}

export function useConnection(): {
  readonly state: ConnectionState;
  readonly silentForMs: number;
  readonly trouble: string | null;
} {
  const nowMs = useLocalNowMs();
  const live = useLive((known) => known);
  const heardAtMs = live.lastHeardAtMs ?? live.startedAtMs;
  return {
    state: connectionState(live, nowMs),
    silentForMs: Math.max(0, nowMs - heardAtMs),
    trouble: live.trouble,
  };
}
