import { expect, it } from 'vitest';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';
import { runServiceTransfer } from './service-transfer.ts';

const transfer = async (to: readonly string[], environment?: string) => {
  const { operationsFor, store } = await openStoreOperations();
  const context = { environment: async () => 'staging', operations: async () => operationsFor('ada') };
  const options = { to, ...(environment === undefined ? {} : { environment }) };
  const result = await runServiceTransfer(context, { path: ['transfer'], args: ['digits'], options, json: false });
  return { result, store };
};

it('transfers a service in the environment that is named, or else in that of the contract', async () => {
  const { result, store } = await transfer(['service=digits', 'environment=prod'], 'prod');
  const scope = { service: 'digits', environment: 'prod' };
  expect(result).toMatchObject({
    exit: 0,
    text: 'digits in prod belongs to tokens of service=digits environment=prod from now on',
    json: { service: 'digits', environment: 'prod', scope, by: 'ada' },
  });
  expect(await store.serviceClaim('digits', 'prod')).toMatchObject({ scope });
  const ofContract = await transfer(['anyone']);
  expect(await ofContract.store.serviceClaim('digits', 'staging')).toMatchObject({
    scope: { service: null, environment: null },
  });
});

it('refuses a scope that is none, before anything is asked', async () => {
  await expect(transfer(['ci'])).rejects.toMatchObject({ code: 'scope-invalid', category: 'input' });
});
