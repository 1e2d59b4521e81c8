import { scalingRecordsAtMost } from '../../../../core/scaling/acting/scaling-record.ts';
import type { StoredScaling, StoreReader, StoreWriter } from '../../../../ports/records/store.ts';
import { copied, inScope, type Scope } from './copied.ts';

/** Records of decisions; the one with the sequence 0 is what the policy remembers. */
export interface ScalingStates {
  readonly scaling: readonly (Scope & { readonly seq: number; readonly record: StoredScaling })[];
}

export function memoryScalingReader(state: () => ScalingStates): Pick<StoreReader, 'scalingRecord' | 'scalingMemory'> {
  return {
    scalingRecord: async (service, environment, seq) => scalingOf(state(), service, environment, seq),
    scalingMemory: async (service, environment) => scalingOf(state(), service, environment, 0),
  };
}

/** @param set takes what is a copy already. */
export function memoryScalingWriter(
  state: () => ScalingStates,
  set: (part: ScalingStates) => void,
): Pick<StoreWriter, 'addScalingRecord' | 'setScalingMemory'> {
  const setScaling = (service: string, environment: string, seq: number, record: StoredScaling): void => {
    const others = state().scaling.filter((each) => !(inScope({ service, environment })(each) && each.seq === seq));
    set({ scaling: [...others, copied({ service, environment, seq, record })] });
  };
  return {
    async addScalingRecord(service, environment, seq, record) {
      setScaling(service, environment, seq, record);
      const own = state().scaling.filter((each) => inScope({ service, environment })(each) && each.seq > 0);
      if (own.length <= scalingRecordsAtMost) return;
      const over = own.sort((a, b) => b.seq - a.seq).slice(scalingRecordsAtMost);
      set({ scaling: state().scaling.filter((each) => !over.includes(each)) });
    },
    async setScalingMemory(service, environment, record) {
      setScaling(service, environment, 0, record);
    },
  };
}

function scalingOf(state: ScalingStates, service: string, environment: string, seq: number): StoredScaling | null {
  const found = state.scaling.find(
    (each) => each.service === service && each.environment === environment && each.seq === seq,
  );
  return copied(found?.record ?? null);
}
