import { peerMetricNames, readPeerLooks } from '../../../core/diagnosis/peers/read-peer-looks.ts';
import type { PeerLook } from '../../../core/diagnosis/peers/find-outliers.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { MetricsSource } from '../../../ports/serving/metrics-source.ts';
import type { PeerSource } from './peer-watch.ts';

/** Services of one control plane look at the same boards: one answer serves all that ask within this time. */
const sharedForMs = 45_000;
const sources = new WeakMap<object, PeerSource>();

/** Boards as DCGM tells them through the Prometheus server; undefined where no server is asked. */
export function findPeerSource(
  metrics: Pick<MetricsSource, 'readDevices'>,
  clock: Pick<Clock, 'monotonicMs'>,
): PeerSource | undefined {
  if (metrics.readDevices === undefined) return undefined;
  const known = sources.get(metrics) ?? makePeerSource(metrics, clock);
  sources.set(metrics, known);
  return known;
}

function makePeerSource(metrics: Pick<MetricsSource, 'readDevices'>, clock: Pick<Clock, 'monotonicMs'>): PeerSource {
  let last: { readonly atMs: number; readonly looks: Promise<readonly PeerLook[] | null> } | null = null;
  return (signal) => {
    const nowMs = clock.monotonicMs();
    if (last === null || nowMs - last.atMs >= sharedForMs) last = { atMs: nowMs, looks: read(metrics, signal) };
    return last.looks;
  };
}

async function read(
  metrics: Pick<MetricsSource, 'readDevices'>,
  signal: AbortSignal,
): Promise<readonly PeerLook[] | null> {
  const answer = await metrics.readDevices?.(peerMetricNames, signal);
  return answer?.kind === 'read' ? readPeerLooks(answer.reading.samples) : null;
}
