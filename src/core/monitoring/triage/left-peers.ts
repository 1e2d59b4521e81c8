import type { StoredEvent } from '../../records/event.ts';
import type { NodeEvent } from './observations.ts';

/**
 * Returns the accelerators that are below their peers now, each fact of a device as an event of its node. One that returned, or
 * left again since, counts by its newest event. Events come oldest first.
 */
export function listLeftPeers(events: readonly StoredEvent[]): readonly NodeEvent[] {
  const standing = new Map<string, NodeEvent>();
  for (const { kind, data, atMs } of events) {
    if (kind !== 'hardware.left-peers') continue;
    const { node, device, fact, value, median, change } = data;
    if (node === undefined || device === undefined || fact === undefined) continue;
    const key = `${node} ${device} ${fact}`;
    if (change === 'left') {
      const detail = `${device}: ${fact} ${value ?? 'unknown'}, median of its peers ${median ?? 'unknown'}`;
      standing.set(key, { node, atMs, kind: 'left-peers', code: null, detail });
    } else standing.delete(key);
  }
  return [...standing.values()];
}
