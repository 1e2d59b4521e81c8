import type { ReplayState } from '../../../../core/monitoring/replay/replay-state.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';

export interface ReplayStates {
  readonly replays: Readonly<Record<string, ReplayState>>;
}

export function memoryReplayReader(state: () => ReplayStates): Pick<StoreReader, 'replayState'> {
  return {
    replayState: async (service, environment) => structuredClone(state().replays[`${service}/${environment}`] ?? null),
  };
}

export function memoryReplayWriter(
  state: () => ReplayStates,
  change: (part: ReplayStates) => void,
): Pick<StoreWriter, 'setReplayState'> {
  return {
    async setReplayState(service, environment, next) {
      change({ replays: { ...state().replays, [`${service}/${environment}`]: structuredClone(next) } });
    },
  };
}
