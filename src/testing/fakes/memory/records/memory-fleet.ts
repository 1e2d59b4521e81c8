import type { HeldService } from '../../../../core/fleet/held-services.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';

export interface FleetState {
  readonly held: readonly HeldService[];
}

const keyOf = ({ service, environment }: HeldService): string => `${service}\n${environment}`;

export function memoryFleetReader(state: () => FleetState): Pick<StoreReader, 'heldServices'> {
  return {
    heldServices: async () => state().held.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
  };
}

export function memoryFleetWriter(
  state: () => FleetState,
  change: (part: FleetState) => void,
): Pick<StoreWriter, 'setHeldService'> {
  return {
    async setHeldService(held) {
      change({ held: [...state().held.filter((each) => keyOf(each) !== keyOf(held)), { ...held }] });
    },
  };
}
