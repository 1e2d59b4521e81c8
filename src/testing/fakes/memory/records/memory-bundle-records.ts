import type { EvidenceSighting } from '../../../../core/evidence/sighting.ts';
import { isOpenAsk, releaseAsksAtMost, type ReleaseAsk } from '../../../../core/rollout/release-ask.ts';
import type { Digest } from '../../../../core/units/digest.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';

interface Scope {
  readonly service: string;
  readonly environment: string;
}

export interface BundleState {
  readonly asks: readonly ReleaseAsk[];
  readonly sightings: readonly (EvidenceSighting & Scope)[];
  readonly releaseEvidence: readonly (Scope & { readonly release: number; readonly bundle: Digest })[];
}

const inScope = (service: string, environment: string) => (row: Scope) =>
  row.service === service && row.environment === environment;

export function memoryBundleReader(
  state: () => BundleState,
): Pick<StoreReader, 'releaseAsks' | 'openReleaseAsks' | 'releaseAsk' | 'evidenceSightings' | 'releaseEvidence'> {
  return {
    releaseAsks: async (service, environment) => {
      const asks = state().asks.filter(inScope(service, environment));
      return structuredClone(asks.filter((ask, at) => isOpenAsk(ask) || at >= asks.length - releaseAsksAtMost));
    },
    openReleaseAsks: async () =>
      structuredClone(
        state()
          .asks.filter(isOpenAsk)
          .sort((a, b) => (a.id < b.id ? -1 : 1)),
      ),
    releaseAsk: async (id) => structuredClone(state().asks.find((ask) => ask.id === id) ?? null),
    evidenceSightings: async (service, environment) =>
      state()
        .sightings.filter(inScope(service, environment))
        .map(({ kind, digest, by, firstSeenAtMs }) => ({ kind, digest, by, firstSeenAtMs }))
        .sort((a, b) => a.firstSeenAtMs - b.firstSeenAtMs || (keyOf(a) < keyOf(b) ? -1 : 1)),
    releaseEvidence: async (service, environment) =>
      new Map(
        state()
          .releaseEvidence.filter(inScope(service, environment))
          .map(({ release, bundle }) => [release, bundle]),
      ),
  };
}

export function memoryBundleWriter(
  state: () => BundleState,
  change: (part: Partial<BundleState>) => void,
): Pick<StoreWriter, 'setReleaseAsk' | 'seeEvidence' | 'setReleaseEvidence'> {
  return {
    async setReleaseAsk(ask) {
      const isThere = state().asks.some(({ id }) => id === ask.id);
      change({ asks: isThere ? state().asks.map((old) => (old.id === ask.id ? ask : old)) : [...state().asks, ask] });
    },
    async seeEvidence(service, environment, seen, by, atMs) {
      const known = new Set(state().sightings.filter(inScope(service, environment)).map(keyOf));
      const added = seen
        .filter((piece) => !known.has(keyOf(piece)) && known.add(keyOf(piece)))
        .map(({ kind, digest }) => ({ service, environment, kind, digest, by, firstSeenAtMs: atMs }));
      change({ sightings: [...state().sightings, ...added] });
    },
    async setReleaseEvidence(service, environment, release, bundle) {
      const isOther = (row: BundleState['releaseEvidence'][number]): boolean =>
        !inScope(service, environment)(row) || row.release !== release;
      change({
        releaseEvidence: [...state().releaseEvidence.filter(isOther), { service, environment, release, bundle }],
      });
    },
  };
}

const keyOf = ({ kind, digest }: Pick<EvidenceSighting, 'kind' | 'digest'>): string => `${kind} ${digest}`;
