import { expect, it } from 'vitest';
import type { HeldService } from '../../../core/fleet/held-services.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const held = (service: string, environment: string, origin: HeldService['origin'], sinceMs: number): HeldService => ({
  ...{ service, environment, origin, sinceMs },
});

/** The part of the store's contract that tells which services a control plane holds. */
export function storeFleetContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  it('the services that are held come back in order, each as it was said last', () =>
    writing(async (store, write) => {
      expect(await store.heldServices()).toEqual([]);
      await write(async (tx) => {
        await tx.setHeldService(held('digits', 'prod', 'given', 2));
        await tx.setHeldService(held('chat', 'prod', 'released', 3));
        await tx.setHeldService(held('digits', 'default', 'released', 4));
        await tx.setHeldService(held('chat', 'prod', 'given', 5));
      });
      expect(await store.heldServices()).toEqual([
        held('chat', 'prod', 'given', 5),
        held('digits', 'default', 'released', 4),
        held('digits', 'prod', 'given', 2),
      ]);
    }));

  it('what is rolled back is held as it was', () =>
    writing(async (store, write) => {
      await write((tx) => tx.setHeldService(held('digits', 'prod', 'given', 2)));
      const failing = write(async (tx) => {
        await tx.setHeldService(held('digits', 'prod', 'given', 3));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect(await store.heldServices()).toEqual([held('digits', 'prod', 'given', 2)]);
    }));
}
