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

/** The page's one feed, on the real network and the real clock. Paths are relative, so that a prefix in front works. */
export const feed = new LiveFeed({
  fetch: (path, { signal }) => fetch(path, { signal, cache: 'no-store', credentials: 'same-origin' }),
  nowMs: () => Date.now(),
  sleep,
});
