import { operationsContract } from '../../testing/contracts/operations/operations-contract.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';

operationsContract('in process, over a store', async () => {
  const { operationsFor, blobs, bringIn, clock } = await openStoreOperations();
  return {
    operations: operationsFor('ada'),
    blobs,
    by: 'ada',
    bringIn,
    nowMs: () => clock.nowMs(),
    close: async () => undefined,
  };
});
