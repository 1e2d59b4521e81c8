import type { EnvironmentRecord } from '../../../../core/fleet/environment/environment-record.ts';
import { environmentMoved } from '../../../../core/records/conflicts.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';

export interface EnvironmentState {
  readonly environmentTerms: readonly EnvironmentRecord[];
}

export function memoryEnvironmentReader(
  state: () => EnvironmentState,
): Pick<StoreReader, 'environmentRecord' | 'environmentRecords'> {
  return {
    environmentRecord: async (environment) => recordOf(state(), environment),
    environmentRecords: async () =>
      structuredClone(state().environmentTerms).toSorted((a, b) => (a.environment < b.environment ? -1 : 1)),
  };
}

export function memoryEnvironmentWriter(
  state: () => EnvironmentState,
  change: (part: EnvironmentState) => void,
): Pick<StoreWriter, 'setEnvironmentRecord'> {
  return {
    async setEnvironmentRecord(record, expected) {
      const { environment } = record;
      const standing = recordOf(state(), environment)?.version ?? 0;
      if (expected !== undefined && expected !== standing) throw environmentMoved(environment, expected, standing);
      const next = structuredClone({ ...record, version: standing + 1 });
      const others = state().environmentTerms.filter((each) => each.environment !== environment);
      change({ environmentTerms: [...others, next] });
      return structuredClone(next);
    },
  };
}

const recordOf = ({ environmentTerms }: EnvironmentState, environment: string): EnvironmentRecord | null =>
  structuredClone(environmentTerms.find((each) => each.environment === environment) ?? null);
