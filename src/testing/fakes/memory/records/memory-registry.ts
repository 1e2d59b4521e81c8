import { aliasMoved, versionMissing } from '../../../../core/records/conflicts.ts';
import type { AliasMove, DataVersion, ModelVersion } from '../../../../core/registry/model-version.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';
import { copied } from './copied.ts';

/** Versions of models and data, and the moves of aliases. */
export interface RegistryState {
  readonly models: readonly ModelVersion[];
  readonly data: readonly DataVersion[];
  readonly moves: readonly AliasMove[];
}

export function memoryRegistryReader(
  state: () => RegistryState,
): Pick<
  StoreReader,
  | 'environments'
  | 'modelNames'
  | 'modelVersions'
  | 'modelVersion'
  | 'modelVersionByDigest'
  | 'aliases'
  | 'aliasHistory'
  | 'dataNames'
  | 'dataVersions'
  | 'dataVersion'
> {
  return {
    environments: async () =>
      [...new Set([...state().models, ...state().data].map(({ environment }) => environment))].sort(),
    modelNames: async (environment) => names(state().models, environment),
    modelVersions: async (environment, name) => copied(versions(state().models, environment, name)),
    modelVersion: async (environment, name, number) =>
      copied(versions(state().models, environment, name).find(({ version }) => version === number) ?? null),
    modelVersionByDigest: async (environment, name, digest) =>
      copied(versions(state().models, environment, name).find((version) => version.digest === digest) ?? null),
    aliases: async (environment, name) => aliasesOf(state(), environment, name),
    aliasHistory: async (environment, name) =>
      copied(state().moves.filter((move) => move.environment === environment && move.name === name)),
    dataNames: async (environment) => names(state().data, environment),
    dataVersions: async (environment, name) => copied(versions(state().data, environment, name)),
    dataVersion: async (environment, name, number) =>
      copied(versions(state().data, environment, name).find(({ version }) => version === number) ?? null),
  };
}

/** @param set takes what is a copy already. */
export function memoryRegistryWriter(
  state: () => RegistryState,
  set: (part: Partial<RegistryState>) => void,
): Pick<StoreWriter, 'addModelVersion' | 'addDataVersion' | 'moveAlias'> {
  return {
    async addModelVersion(version) {
      const { all, ...result } = addVersion(state().models, version);
      set({ models: all });
      return result;
    },
    async addDataVersion(version) {
      const { all, ...result } = addVersion(state().data, version);
      set({ data: all });
      return result;
    },
    async moveAlias(move) {
      const { environment, name, alias, from, to } = move;
      const actual = aliasesOf(state(), environment, name)[alias] ?? null;
      if (actual !== from) throw aliasMoved(alias, name, from, actual);
      if (to !== null && !versions(state().models, environment, name).some(({ version }) => version === to)) {
        throw versionMissing(name, to, environment);
      }
      set({ moves: [...state().moves, copied(move)] });
    },
  };
}

const versions = <T extends ModelVersion | DataVersion>(all: readonly T[], environment: string, name: string): T[] =>
  all.filter((version) => version.environment === environment && version.name === name);
const names = (all: readonly (ModelVersion | DataVersion)[], environment: string): readonly string[] =>
  [...new Set(all.filter((version) => version.environment === environment).map(({ name }) => name))].sort();

function addVersion<T extends ModelVersion | DataVersion>(
  all: readonly T[],
  version: Omit<T, 'version'>,
): { version: T; created: boolean; all: readonly T[] } {
  const alike = all.filter((other) => other.environment === version.environment && other.name === version.name);
  const present = alike.find((other) => other.digest === version.digest);
  if (present !== undefined) return { version: copied(present), created: false, all };
  const added = copied({ ...version, version: alike.length + 1 } as unknown as T);
  return { version: added, created: true, all: [...all, added] };
}

function aliasesOf(state: RegistryState, environment: string, name: string): Readonly<Record<string, number>> {
  const present = new Map<string, number | null>();
  for (const move of state.moves) {
    if (move.environment === environment && move.name === name) present.set(move.alias, move.to);
  }
  return Object.fromEntries(
    [...present].flatMap(([alias, version]) => (version === null ? [] : [[alias, version] as const])).sort(),
  );
}
