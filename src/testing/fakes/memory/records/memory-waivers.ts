import type { Invalidation, Waiver } from '../../../../core/evidence/lock/lock.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';
import { copied, inScope, type Scope } from './copied.ts';

/** What evidence is waived, and which no longer holds. */
export interface WaiverStates {
  readonly waivers: readonly (Waiver & Scope)[];
  readonly invalidations: readonly (Invalidation & { readonly service: string })[];
}

export function memoryWaiverReader(state: () => WaiverStates): Pick<StoreReader, 'waivers' | 'invalidations'> {
  return {
    waivers: async (service, environment) =>
      copied(
        state()
          .waivers.filter(inScope({ service, environment }))
          .map(({ service: _service, environment: _environment, ...waiver }) => waiver),
      ),
    invalidations: async (service, environment) =>
      copied(
        state()
          .invalidations.filter(inScope({ service, environment }))
          .map(({ service: _service, ...invalidation }) => invalidation),
      ),
  };
}

export function memoryWaiverWriter(
  state: () => WaiverStates,
  change: (part: Partial<WaiverStates>) => void,
): Pick<StoreWriter, 'addWaiver' | 'withdrawWaivers' | 'addInvalidation'> {
  return {
    async addWaiver(service, environment, waiver) {
      change({ waivers: [...state().waivers, { ...waiver, service, environment }] });
    },
    async withdrawWaivers(service, environment, kind) {
      const isOne = (waiver: Waiver & Scope): boolean =>
        waiver.kind === kind && inScope({ service, environment })(waiver);
      const withdrawn = state().waivers.filter(isOne);
      change({ waivers: state().waivers.filter((waiver) => !isOne(waiver)) });
      return withdrawn.map(({ service: _service, environment: _environment, ...waiver }) => waiver);
    },
    async addInvalidation(service, invalidation) {
      change({ invalidations: [...state().invalidations, { ...invalidation, service }] });
    },
  };
}
