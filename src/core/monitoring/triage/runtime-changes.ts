import type { StoredEvent } from '../../records/event.ts';
import type { Change } from './observations.ts';

/** Where a replica was admitted that runs with something else than the one that was admitted before it. Events come oldest first. */
export function findRuntimeChanges(events: readonly StoredEvent[]): readonly Change[] {
  const changes: Change[] = [];
  let before: string | null = null;
  for (const event of events) {
    if (event.kind !== 'replica.admitted' || event.data.runtime === undefined) continue;
    const { replicaId, runtime } = event.data;
    if (before !== null && before !== runtime) {
      const what = `replica ${replicaId ?? ''} runs with runtime ${runtime}, the one before with ${before}`;
      changes.push({ kind: 'runtime', atMs: event.atMs, what, fingerprint: runtime });
    }
    before = runtime;
  }
  return changes;
}
