import { createContext, useContext, useSyncExternalStore } from 'preact/compat';
import { feed, fleetFeed } from './browser.ts';
import { type ConnectionState, connectionState, type Heard } from './connection.ts';
import type { Feed } from './feed.ts';
import type { KnownFleet } from '../fleet/fleet-feed.ts';
import type { Live } from './live-feed.ts';

/** The feed that the page shows: that of the opened service, or that of the fleet. */
export const ShownFeed = createContext<Feed>(feed);

/** One part of what is known; `select` returns a stored value, never a new one, so that it can be compared. */
export function useLive<T>(select: (live: Live) => T): T {
  return useSyncExternalStore(feed.subscribe, () => select(feed.snapshot()));
}

/** The same of the fleet. */
export function useFleet<T>(select: (known: KnownFleet) => T): T {
  return useSyncExternalStore(fleetFeed.subscribe, () => select(fleetFeed.snapshot()));
}

function useHeard(): Heard {
  const shown = useContext(ShownFeed);
  return useSyncExternalStore(shown.subscribe, shown.snapshot);
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
  const known = useHeard();
  const heardAtMs = known.lastHeardAtMs ?? known.startedAtMs;
  return {
    state: connectionState(known, nowMs),
    silentForMs: Math.max(0, nowMs - heardAtMs),
    trouble: known.trouble,
  };
}
