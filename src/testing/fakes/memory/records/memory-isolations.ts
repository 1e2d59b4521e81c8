import type { Isolation } from '../../../../core/rollout/isolation/isolation.ts';
import type { IsolationReader, IsolationWriter } from '../../../../ports/records/isolation-records.ts';

export interface IsolationStates {
  readonly isolations: Readonly<Record<string, readonly Isolation[]>>;
}

export function memoryIsolationReader(state: () => IsolationStates): IsolationReader {
  return {
    isolations: async (service, environment) => structuredClone(state().isolations[`${service}/${environment}`] ?? []),
  };
}

export function memoryIsolationWriter(
  state: () => IsolationStates,
  change: (part: IsolationStates) => void,
): IsolationWriter {
  return {
    async setIsolations(service, environment, isolations) {
      const next = structuredClone(isolations);
      change({ isolations: { ...state().isolations, [`${service}/${environment}`]: next } });
    },
  };
}
