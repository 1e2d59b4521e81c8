import { expect, it } from 'vitest';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { measuredPool } from '../../core/hardware/measured-pool.ts';
import { verifyPool } from '../../core/hardware/judging/judge-pool.ts';
import { readDemands } from '../../core/hardware/service-demands.ts';
import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { loadContract } from '../../testing/builders/contract-texts.ts';
import { buildEvidence, buildLockedEnvironment } from '../../testing/builders/evidence-builders.ts';
import { buildImageFacts, buildModelFacts, buildPool } from '../../testing/builders/pools/hardware-builders.ts';
import { badNode, chatContract, goodNodes } from '../../testing/rigs/verify-world.ts';
import { recomputeHardware } from './recompute-hardware.ts';

const loaded = loadContract(chatContract);
const pool = buildPool([...goodNodes]);
const base = buildLockedEnvironment();
const image = 'registry.example/chat:1.4.0';
const pins: LockedEnvironment = {
  ...base,
  code: { digest: base.code?.digest ?? 'sha256:', image, files: {}, facts: buildImageFacts() },
  ...(base.model === undefined ? {} : { model: { ...base.model, facts: buildModelFacts() } }),
};

function lockedWith(snapshot: PoolSnapshot, change: object = {}): LockedEnvironment {
  const reading = readDemands(loaded.contract, 'prod', pins);
  if (reading.kind !== 'known') throw new Error('the facts of this test are not known');
  const measured = measuredPool(verifyPool(reading.demands, snapshot), snapshot, loaded.contract);
  const measurements = { ...measured, ...change };
  return { ...pins, evidence: { hardware: buildEvidence('hardware', {}, { measurements }) } };
}

const recompute = (locked: LockedEnvironment, snapshot: PoolSnapshot | null = pool) =>
  recomputeHardware({ pool: async () => snapshot }, loaded, locked, 'prod');

it('finds what was verified again, also in a snapshot of another day', async () => {
  expect(await recompute(lockedWith(pool))).toEqual({ kind: 'hardware', outcome: 'same', reasons: [] });
  expect(await recompute(lockedWith(pool, { takenAtMs: 1 }))).toMatchObject({ outcome: 'same' });
});

it('finds an edited compatibility, objection and pool', async () => {
  const measured = lockedWith(buildPool([...goodNodes, badNode]));
  const bad = await recompute(lockedWith(pool), buildPool([...goodNodes, badNode]));
  expect(bad).toMatchObject({ outcome: 'differs' });
  const text = JSON.stringify(measured.evidence.hardware?.measurements).replaceAll('"incompatible"', '"native"');
  const edited = {
    ...measured,
    evidence: {
      hardware: buildEvidence('hardware', {}, { measurements: JSON.parse(text) as object as Record<string, unknown> }),
    },
  };
  const found = await recompute(edited, buildPool([...goodNodes, badNode]));
  expect(found?.outcome).toBe('differs');
  expect(found?.reasons.join()).toContain('"native" in the lock and "incompatible"');
});

it('is unable without a snapshot, and without pinned facts', async () => {
  expect(await recompute(lockedWith(pool), null)).toMatchObject({ outcome: 'unable' });
  const { code, ...rest } = lockedWith(pool);
  const without = { ...rest, ...(code === undefined ? {} : { code: { digest: code.digest, image, files: {} } }) };
  expect(await recompute(without)).toMatchObject({ outcome: 'unable' });
});
