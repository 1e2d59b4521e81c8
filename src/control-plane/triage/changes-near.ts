import { listLeftPeers } from '../../core/monitoring/triage/left-peers.ts';
import type { Change, NodeEvent } from '../../core/monitoring/triage/observations.ts';
import { settleMs } from '../../core/monitoring/triage/reading.ts';
import { findRuntimeChanges } from '../../core/monitoring/triage/runtime-changes.ts';
import type { StoredEvent } from '../../core/records/event.ts';
import type { StoreReader } from '../../ports/records/store.ts';

/** What was changed since shortly before something began. */
export async function changesNear(
  store: StoreReader,
  { service, environment }: { readonly service: string; readonly environment: string },
  sinceMs: number,
): Promise<readonly Change[]> {
  const events = await store.events({ service, environment, last: 2_000 });
  const changes = [...events.flatMap(changeOf), ...findRuntimeChanges(events)];
  return changes.filter(({ atMs }) => atMs >= sinceMs - settleMs);
}

/** Accelerators that are below their peers now, whenever they left them. */
export async function readLeftPeers(
  store: StoreReader,
  { service, environment }: { readonly service: string; readonly environment: string },
): Promise<readonly NodeEvent[]> {
  return listLeftPeers(await store.events({ service, environment, kindPrefix: 'hardware.left-peers', last: 2_000 }));
}

const changeKinds: Readonly<Record<string, Change['kind']>> = {
  'release.live': 'release',
  'release.failed': 'release',
  'rollback.carried-over': 'rollback',
  'rollout.step-began': 'rollout-step',
  'rollout.promoted': 'rollout-step',
  'rollout.aborted': 'rollout-step',
  'scaling.decided': 'scaling',
  'routing.changed': 'routing',
};

function changeOf({ kind, atMs, summary }: StoredEvent): readonly Change[] {
  const found = Object.hasOwn(changeKinds, kind) ? changeKinds[kind] : undefined;
  return found === undefined ? [] : [{ kind: found, atMs, what: summary }];
}
