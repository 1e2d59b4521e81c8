import type { LineageGraph } from '../../../src/core/registry/lineage-graph.ts';
import type { AliasMove, ModelVersion } from '../../../src/core/registry/model-version.ts';
import type { EventKind } from '../../../src/core/records/event-kinds.ts';
import type { StoredEvent } from '../../../src/core/records/event.ts';

/** One model of the registry with all that the page shows of it, and the names of the others. */
export interface KnownModels {
  readonly names: readonly string[];
  readonly name: string;
  /** Newest first. */
  readonly versions: readonly ModelVersion[];
  readonly aliases: Readonly<Record<string, number>>;
  /** Newest first. */
  readonly moves: readonly AliasMove[];
  /** Null where it could not be read. */
  readonly lineage: LineageGraph | null;
}

interface ModelAnswer {
  readonly versions: readonly ModelVersion[];
  readonly aliases: Readonly<Record<string, number>>;
  /** Oldest first. An older control plane does not tell it. */
  readonly history?: readonly AliasMove[];
}

/**
 * @param preferred that of the service; where it is not registered, the first that is.
 * @returns null where no model is registered.
 */
export async function readModels(
  answer: <T>(path: string) => Promise<T>,
  preferred: string,
): Promise<KnownModels | null> {
  const names = await answer<readonly string[]>('v1/models');
  const name = names.includes(preferred) ? preferred : names[0];
  if (name === undefined) return null;
  const [{ versions, aliases, history }, lineage] = await Promise.all([
    answer<ModelAnswer>(`v1/models/${encodeURIComponent(name)}`),
    answer<LineageGraph>(`v1/lineage?model=${encodeURIComponent(name)}`).catch(() => null),
  ]);
  return {
    names,
    name,
    versions: [...versions].sort((a, b) => b.version - a.version),
    aliases,
    moves: [...(history ?? [])].reverse(),
    lineage,
  };
}

/** The newest event that moves the registry; when it is another one, what is known of models is old. */
export function modelEvents(newestFirst: readonly StoredEvent[]): number {
  return newestFirst.find(({ kind }) => registryKinds.has(kind))?.seq ?? 0;
}

const registryKinds: ReadonlySet<string> = new Set<EventKind>(['model.added', 'alias.moved', 'data.added']);
