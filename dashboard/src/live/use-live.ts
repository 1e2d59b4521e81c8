import { createContext, useCallback, useContext, useSyncExternalStore } from 'preact/compat';
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

const tickMs = 1000;
let tickedAtMs = Date.now();
const watchers = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | null = null;

/** One timer for the whole page: ages tick together. A component is rendered again only where its snapshot is another one. */
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

/** What the clocks of a page can be read as: compared by value, so that nothing is drawn again while it stays the same. */
type Told = string | number | boolean | null;

/**
 * What `read` makes of the control plane's clock: what its times are compared with. The clock is read once a second; the
 * component is rendered again only when the answer is another one.
 */
export function useClock<T extends Told>(read: (nowMs: number) => T): T {
  return useSyncExternalStore(watchClock, () => read(tickedAtMs + feed.snapshot().clockAheadMs));
}

/** What `read` makes of the shown feed and of this machine's clock; rendered again only when the answer is another one. */
export function useHeard<T extends Told>(read: (heard: Heard, nowMs: number) => T): T {
  const shown = useContext(ShownFeed);
  const watch = useCallback(
    (watcher: () => void) => {
      const leaveFeed = shown.subscribe(watcher);
      const leaveClock = watchClock(watcher);
      return () => {
        leaveFeed();
        leaveClock();
      };
    },
    [shown],
  );
  return useSyncExternalStore(watch, () => read(shown.snapshot(), tickedAtMs));
}

export function useConnection(): ConnectionState {
  return useHeard(connectionState);
}

/** For what looks different in one state alone, and is not drawn again between the others. */
export function useConnectionIs(state: ConnectionState): boolean {
  return useHeard((heard, nowMs) => connectionState(heard, nowMs) === state);
}

/** For how long nothing was heard, as `words` says it. */
export function useSilence(words: (silentForMs: number) => string): string {
  return useHeard(({ lastHeardAtMs, startedAtMs }, nowMs) =>
    words(Math.max(0, nowMs - (lastHeardAtMs ?? startedAtMs))),
  );
}

/** Why the connection broke, in words; null before it first did. */
export function useTrouble(): string | null {
  return useHeard(({ trouble }) => trouble);
}
