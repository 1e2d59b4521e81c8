import { FleetFeed } from '../fleet/fleet-feed.ts';
import { fromRoot, ofService } from '../frame/address.ts';
import type { FeedSurroundings } from './feed.ts';
import { LiveFeed } from './live-feed.ts';

function sleep(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, durationMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new DOMException('stopped', 'AbortError'));
    });
  });
}

/** On the real network and the real clock. */
const browser = (address: (path: string) => string): FeedSurroundings => ({
  fetch: (path, { signal }) => fetch(address(path), { signal, cache: 'no-store', credentials: 'same-origin' }),
  nowMs: () => Date.now(),
  sleep,
});

/** The page shows one of the two, and only that one is followed. */
export const feed = new LiveFeed(browser(ofService));
export const fleetFeed = new FleetFeed(browser(fromRoot));
