/**
 * A process that moves an alias for ever, as command lines do that many people type at once:
 * `[DATABASE_URL=...] node promoter.ts FILE NAME ENVIRONMENT`. It reads where the alias is, takes the lease, moves it by
 * the operation that commands use, lets go, and prints the move as JSON, which is its acknowledgement.
 */
import { localOperator } from '../../../src/core/access/requester.ts';
import { testJudging } from '../../../src/testing/rigs/test-judging.ts';
import path from 'node:path';
import { makeFileBlobs } from '../../../src/adapters/files/blobs.ts';
import { openPostgresStore } from '../../../src/adapters/sql/postgres/postgres-store.ts';
import { openSqliteStore } from '../../../src/adapters/sql/sqlite/sqlite-store.ts';
import { makeProcessIdentity } from '../../../src/adapters/processes/process-table/process-identity.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { artifactOperations } from '../../../src/control-plane/operations/artifacts.ts';
import { controlPlaneLease } from '../../../src/core/rollout/names.ts';
import { PlimsollError } from '../../../src/core/units/errors.ts';
import type { Fence } from '../../../src/ports/records/store.ts';
import { nobodyWatches } from '../../../src/control-plane/health/service-health.ts';

const [file = '', name = '', environment = ''] = process.argv.slice(2);
const alias = 'candidate';
const versions = 3;
const service = 'digits';
const url = process.env['DATABASE_URL'] ?? '';
const say = (fact: unknown): void => void process.stdout.write(`${JSON.stringify(fact)}\n`);

const store =
  url === ''
    ? await openSqliteStore({ file, clock: systemClock, lockWaitMs: 20_000 })
    : await openPostgresStore({ url });
const identity = makeProcessIdentity();
const blobs = makeFileBlobs({ folder: path.join(file, 'blobs'), identity, clock: systemClock, random: systemRandom });
const operations = artifactOperations({
  service,
  store,
  // Never looked at: an alias names a version, and no file.
  blobs,
  judging: testJudging(blobs),
  deciding: new Set(),
  clock: systemClock,
  plimsollVersion: '0.0.0',
  by: identity.self(),
  grants: localOperator,
  withFence,
  changed: () => undefined,
  facts: {
    owner: async () => null,
    evidence: async () => [],
    evidenceOf: async () => null,
    readiness: async () => [],
    replicas: async () => [],
    rejections: () => [],
    gateways: () => [],
    scaling: () => null,
    health: () => nobodyWatches,
    promises: async () => null,
    monitoring: async () => undefined,
  },
});
say({ opened: process.pid });
for (let n = 1; ; n += 1) await move(n);

async function move(n: number): Promise<void> {
  const from = (await store.aliases(environment, name))[alias] ?? null;
  // Now and then it is removed: then the next one moves it from nowhere.
  const to = from !== null && n % 7 === 0 ? null : ((from ?? 0) % versions) + 1;
  const reason = `${process.pid}-${n}`;
  try {
    await operations.moveAlias({ environment, name, alias, from, to, reason });
    say({ reason, from, to });
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError)) throw thrown;
    say({ refused: thrown.code });
  }
}

/** As the command line takes it (src/bin/open/open-operations.ts), with less patience. */
async function withFence<T>(_environment: string, write: (fence: Fence) => Promise<T>): Promise<T> {
  for (;;) {
    const lease = await store.leases.acquire({
      lease: controlPlaneLease,
      holder: identity.self(),
      ttlMs: 10_000,
      nowMs: systemClock.nowMs(),
      isDead: (holder) => identity.isDead(holder),
    });
    if (lease === null) {
      await systemClock.sleep(2);
      continue;
    }
    try {
      return await write(lease);
    } finally {
      await store.leases.release(lease);
    }
  }
}
