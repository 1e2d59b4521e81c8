import { useEffect, useRef } from 'preact/compat';

/**
 * Asks now and once in each period, while somebody can see the page; anew where the key changes. A page that comes to the front again has waited
 * for its answer, and asks no more often than each half period for that.
 *
 * @param ask what comes after the signal is aborted is not to be kept
 */
export function useRepeated(ask: (leaving: AbortSignal) => void, everyMs: number, key: string): void {
  const latest = useRef(ask);
  useEffect(() => {
    latest.current = ask;
  });
  useEffect(() => {
    const leaving = new AbortController();
    let askedAtMs = -Infinity;
    const askNow = (): void => {
      if (document.hidden || performance.now() - askedAtMs < everyMs / 2) return;
      askedAtMs = performance.now();
      latest.current(leaving.signal);
    };
    askNow();
    const timer = setInterval(askNow, everyMs);
    document.addEventListener('visibilitychange', askNow);
    return () => {
      leaving.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', askNow);
    };
  }, [everyMs, key]);
}
