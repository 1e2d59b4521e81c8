import type { NotifyState } from '../../../../core/monitoring/notify/notify-state.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';

export interface NotifyStates {
  readonly notify: Readonly<Record<string, NotifyState>>;
}

export function memoryNotifyReader(state: () => NotifyStates): Pick<StoreReader, 'notifyState'> {
  return {
    notifyState: async (service, environment) => structuredClone(state().notify[`${service}/${environment}`] ?? null),
  };
}

export function memoryNotifyWriter(
  state: () => NotifyStates,
  change: (part: NotifyStates) => void,
): Pick<StoreWriter, 'setNotifyState'> {
  return {
    async setNotifyState(service, environment, next) {
      change({ notify: { ...state().notify, [`${service}/${environment}`]: structuredClone(next) } });
    },
  };
}
