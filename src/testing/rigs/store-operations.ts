import { localOperator, type Grant } from '../../core/access/requester.ts';
import { testJudging } from './test-judging.ts';
import type { Judging } from '../../control-plane/judging/judging.ts';
import { makeOperations } from '../../control-plane/operations/operations.ts';
import type { OperationsSource } from '../../control-plane/operations/operations-source.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { controlPlaneLease } from '../../core/rollout/names.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { Fence, Store, StoreWriter } from '../../ports/records/store.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { memoryBlobs } from '../fakes/memory/memory-blobs.ts';
import { memoryStore } from '../fakes/memory/memory-store.ts';
import { freshGolden } from '../builders/release-fixture.ts';
import { testEnvironment, testService } from '../builders/rollout-builders.ts';
import { nobodyWatches } from '../../control-plane/health/service-health.ts';

export interface StoreOperations {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly clock: FakeClock;
  /** As somebody who may do everything, unless the test says otherwise. */
  sourceFor(by: string, grants?: readonly Grant[]): OperationsSource;
  operationsFor(by: string, grants?: readonly Grant[]): Operations;
  /** Records something as the control plane, beside the operations. */
  write(work: (tx: StoreWriter) => Promise<void>): Promise<void>;
  /** Makes the incoming release live, as reconcilers would. */
  bringIn(): Promise<void>;
}

/** The operations over a store, with its lease held and nobody reconciling. */
export async function openStoreOperations(
  evidence: () => Promise<readonly EvidenceState[]> = async () => [freshGolden],
  judgingOf: (blobs: Blobs) => Judging = testJudging,
): Promise<StoreOperations> {
  const [store, blobs, clock] = [memoryStore(), memoryBlobs(), new FakeClock()];
  const judging = judgingOf(blobs);
  const held = await store.leases.acquire({
    lease: controlPlaneLease,
    holder: 'tests',
    ttlMs: 60_000,
    nowMs: clock.nowMs(),
  });
  if (held === null) throw new Error('the lease of a new store is free');
  const fence: Fence = held;
  const deciding = new Set<string>();
  const sourceFor = (by: string, grants: readonly Grant[] = localOperator): OperationsSource => ({
    service: testService,
    store,
    blobs,
    clock,
    plimsollVersion: '0.0.0',
    by,
    grants,
    withFence: (_environment, write) => write(fence),
    changed: () => undefined,
    judging,
    deciding,
    facts: {
      owner: async () => 'vision',
      evidence,
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
  return {
    store,
    blobs,
    clock,
    sourceFor,
    operationsFor: (by, grants) => makeOperations(sourceFor(by, grants)),
    write: (work) => store.transaction(fence, work),
    bringIn: () => bringIn(store, fence, clock),
  };
}

async function bringIn(store: Store, fence: Fence, clock: FakeClock): Promise<void> {
  await store.transaction(fence, async (tx) => {
    const deployment = await tx.deployment(testService, testEnvironment);
    if (deployment === null || deployment.incoming === null) throw new Error('nothing comes in');
    const { revision, ...rest } = deployment;
    const live = deployment.incoming;
    await tx.setDeployment({ ...rest, live, incoming: null, phase: 'live', reason: 'the test says so' }, revision);
    await tx.appendEvent({
      service: testService,
      environment: testEnvironment,
      kind: 'release.live',
      summary: `Release ${live} is live`,
      by: 'tests',
      atMs: clock.nowMs(),
      data: { release: live, left: deployment.live, previous: null, reason: 'the test says so' },
    });
  });
}
