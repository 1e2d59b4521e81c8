import { choosePoolBooks, type PoolBooks, type StatedBook } from '../../../core/cost/prices/pool-books.ts';
import type { EnvironmentRecord } from '../../../core/fleet/environment/environment-record.ts';
import { localPool, poolNameOf } from '../../../core/fleet/environment/pool-name.ts';
import type { StoreReader } from '../../../ports/records/store.ts';
import { readStatedClasses, readStatedPrices } from '../../judging/environment-terms.ts';
import type { Judging } from '../../judging/judging.ts';
import { shownRelease } from '../../judging/release-proof.ts';

export interface PoolBookParts {
  readonly store: StoreReader;
  readonly bundles: Pick<Judging, 'shelf' | 'blobs'>;
}

/**
 * Returns the price book of each pool, and what is wrong with the prices of pools that have none: that of the records of the
 * environments that name the pool; where these state no prices, that of the files that `cost.prices` names in the contracts
 * that are released there. Contracts are read only for pools that no record has prices for.
 */
export async function readPoolBooks({ store, bundles }: PoolBookParts): Promise<PoolBooks> {
  const records = await store.environmentRecords();
  const stated = records.flatMap(stateRecord);
  const priced = new Set(stated.map(({ pool }) => pool));
  const contracts: StatedBook[] = [];
  const removed = new Set(
    (await store.heldServices())
      .filter(({ origin }) => origin === 'removed')
      .map(({ service, environment }) => JSON.stringify([service, environment])),
  );
  for (const { service, environment } of await store.released()) {
    const record = records.find((each) => each.environment === environment) ?? null;
    if (record?.prices !== undefined || removed.has(JSON.stringify([service, environment]))) continue;
    const contract = await stateContract({ store, bundles }, service, environment, record);
    if (contract !== null && !priced.has(contract.pool)) contracts.push(contract);
  }
  return choosePoolBooks(stated, contracts);
}

/** A record without a platform speaks for the machine and for the pool of a cluster: an environment is on one of the two. */
function stateRecord(record: EnvironmentRecord): readonly StatedBook[] {
  const { environment, platform, pool, prices } = record;
  if (prices === undefined) return [];
  const inCluster = pool?.name ?? environment;
  const pools = platform === undefined ? [localPool, inCluster] : [platform === 'local' ? localPool : inCluster];
  const classes = pool?.classes ?? [];
  return [...new Set(pools)].map((name) => ({
    ...{ pool: name, from: `the record of ${environment}`, book: prices, classes },
  }));
}

async function stateContract(
  { store, bundles: { shelf, blobs } }: PoolBookParts,
  service: string,
  environment: string,
  record: EnvironmentRecord | null,
): Promise<StatedBook | null> {
  const release = await shownRelease(store, service, environment);
  if (release?.bundles === undefined) return null;
  // A bundle that cannot be opened says nothing of prices; its evidence tells why it cannot.
  const opened = await shelf.open(release.bundles.contract).catch(() => null);
  if (opened === null || opened.loaded.contract.cost?.prices === undefined) return null;
  const [stated, classes] = [await readStatedPrices(opened, blobs), await readStatedClasses(opened, blobs)];
  if (stated === null) return null;
  return {
    pool: poolNameOf(environment, record, opened.loaded.contract.environments[environment]),
    from: `${service} in ${environment}`,
    book: 'value' in stated ? stated.value : stated,
    classes: record?.pool?.classes ?? (classes !== null && 'value' in classes ? classes.value : []),
  };
}
