import { controlKinds } from './kinds/control-kinds.ts';
import { costKinds } from './kinds/cost-kinds.ts';
import { monitoringKinds } from './kinds/monitoring-kinds.ts';
import { registryKinds } from './kinds/registry-kinds.ts';
import { releaseKinds } from './kinds/release-kinds.ts';
import { replicaKinds } from './kinds/replica-kinds.ts';
import { rolloutKinds } from './kinds/rollout-kinds.ts';

/** Every kind of event that is recorded, `family.what`, with its facts. A new kind is one row of one of these tables. */
export const eventFacts = {
  ...controlKinds,
  ...costKinds,
  ...monitoringKinds,
  ...registryKinds,
  ...releaseKinds,
  ...replicaKinds,
  ...rolloutKinds,
};

export type EventKind = keyof typeof eventFacts;

export const eventKinds: readonly EventKind[] = (Object.keys(eventFacts) as EventKind[]).sort();

export const eventFamilies: readonly string[] = [...new Set(eventKinds.map((kind) => kind.split('.', 1)[0] ?? kind))];
