import { useEffect, useState } from 'preact/compat';
import type { HistoryPoint } from '../../../src/core/health/history.ts';
import { ofService } from '../frame/address.ts';

const everyMs = 60_000;

/** The signals of the last hours, asked for once a minute while they are shown; null until they came. */
export function useHistory(hours: number | null): readonly HistoryPoint[] | null {
  const [points, setPoints] = useState<readonly HistoryPoint[] | null>(null);
  useEffect(() => {
    if (hours === null) return undefined;
    const leaving = new AbortController();
    const ask = (): void => {
      void readHistory(hours, leaving.signal).then((read) => {
        if (read !== null && !leaving.signal.aborted) setPoints(read);
      });
    };
    ask();
    const timer = setInterval(ask, everyMs);
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [hours]);
  return points;
}

/** Null where it could not be read: what is drawn stays, and the connection's own notice says why. */
async function readHistory(hours: number, signal: AbortSignal): Promise<readonly HistoryPoint[] | null> {
  try {
    const response = await fetch(ofService(`v1/signals/history?hours=${hours}`), { signal, cache: 'no-store' });
    return response.ok ? ((await response.json()) as readonly HistoryPoint[]) : null;
  } catch {
    return null;
  }
}
