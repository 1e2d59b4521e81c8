/** What the store saw and the watch found counts, whatever a lock says of the time at which it was measured. */
import { beforeEach, describe, expect, it } from 'vitest';
import { coldStartRecord } from '../../../core/evidence/kinds/cold-start/start-measurements.ts';
import type { Evidence, Invalidation, LockedEnvironment } from '../../../core/evidence/lock/lock.ts';
import { bindSubjects, type SubjectDigests } from '../../../core/evidence/subjects.ts';
import { verifyPool } from '../../../core/hardware/judging/judge-pool.ts';
import { poolOfMachine } from '../../../core/hardware/judging/startup-check.ts';
import { measuredPool } from '../../../core/hardware/measured-pool.ts';
import { demandsOf } from '../../../core/hardware/service-demands.ts';
import { artifactDigest } from '../../../core/registry/artifact.ts';
import { digestOf } from '../../../core/units/digest.ts';
import type { Operations } from '../../../ports/records/operations.ts';
import { loadContract } from '../../../testing/builders/contract-texts.ts';
import { buildEvidence } from '../../../testing/builders/evidence-builders.ts';
import { buildImageFacts, buildNode } from '../../../testing/builders/pools/hardware-builders.ts';
import { aReleaseRequest, storedModel, type BundleOver } from '../../../testing/builders/release-fixture.ts';
import { testEnvironment as environment, testService as service } from '../../../testing/builders/rollout-builders.ts';
import { openStoreOperations, type StoreOperations } from '../../../testing/rigs/store-operations.ts';
import { testJudging } from '../../../testing/rigs/test-judging.ts';
import { pinnedImageDigest } from '../../../core/contract/code-digest.ts';

let world: StoreOperations;
let operations: Operations;
beforeEach(async () => {
  world = await openStoreOperations();
  operations = world.operationsFor('ada');
});

const release = async (over: BundleOver) => operations.release(await aReleaseRequest(world.blobs, 1, over));
const refusedBecause = (over: BundleOver): Promise<unknown> =>
  release(over).then(
    ({ outcome }) => `it was not refused: ${outcome}`,
    (thrown: Error) => thrown.message,
  );

const hourMs = 3_600_000;
const starts = (slowestMs: number) =>
  coldStartRecord({
    coldStartVersion: 1,
    platform: 'local',
    timeoutMs: 60_000,
    tiers: {
      'node-disk': {
        prepared: 'page cache dropped',
        starts: Array.from({ length: 29 }, (_, at) => ({
          totalMs: (slowestMs * (at + 1)) / 29,
          outcome: 'ready' as const,
          phases: [],
        })),
      },
    },
  });

describe('cold-start evidence that the watch found broken', () => {
  /** Measured at `measuredAtMs`, as the lock says. */
  const measured = (measuredAtMs: number, slowestMs = 900): BundleOver => ({
    contract: { coldStart: { p90: '1s', from: 'node-disk' } },
    lock: (locked, present) => ({
      ...locked,
      evidence: {
        ...locked.evidence,
        'cold-start': buildEvidence('cold-start', present, { measuredAtMs, measurements: starts(slowestMs) }),
      },
    }),
  });
  const broken = (atMs: number): Invalidation => ({
    kind: 'cold-start',
    environment,
    reason: 'live starts take 2 s',
    remedy: 'plimsoll coldstart',
    atMs,
  });
  let releasedMs: number;
  beforeEach(async () => {
    releasedMs = world.clock.nowMs();
    expect((await release(measured(releasedMs - hourMs))).outcome).toBe('released');
    await world.bringIn();
    await world.clock.advance(1_000);
    await world.write((tx) => tx.addInvalidation(service, broken(world.clock.nowMs())));
    await world.clock.advance(1_000);
  });

  it('does not come back by being sent again', async () => {
    expect(await refusedBecause({ ...measured(releasedMs - hourMs), again: true })).toContain('live starts take 2 s');
  });

  it.each([
    ['after the watch looked', 1_500],
    ['now', 2_000],
    ['within what clocks may differ', 2_000 + 12 * hourMs],
  ])('does not come back with the date %s', async (_when, afterMs) => {
    expect(await refusedBecause(measured(releasedMs + afterMs))).toContain('live starts take 2 s');
  });

  it('does not come back with a date far in the future, by another name, or from another version', async () => {
    expect(await refusedBecause(measured(releasedMs + 100 * 24 * hourMs))).toContain('in the future');
    const renamed = measured(releasedMs + 2_000);
    const lock = (locked: LockedEnvironment, present: SubjectDigests): LockedEnvironment => {
      const made = renamed.lock!(locked, present);
      const forged = { ...made.evidence['cold-start']!, by: 'somebody else', plimsollVersion: '9.9.9' };
      return { ...made, evidence: { ...made.evidence, 'cold-start': forged } };
    };
    expect(await refusedBecause({ ...renamed, lock })).toContain('live starts take 2 s');
  });

  it('is not lifted by what was measured before it, though nobody had sent it', async () => {
    expect(await refusedBecause(measured(releasedMs - 2 * hourMs, 800))).toContain('live starts take 2 s');
  });

  it('is renewed by what was measured again, and the release keeps its number', async () => {
    const renewed = await release(measured(releasedMs + 2_000, 800));
    expect(renewed).toMatchObject({ outcome: 'renewed', release: { number: 1 } });
    const [first, second] = (await world.store.evidenceSightings(service, environment)).filter(
      ({ kind }) => kind === 'cold-start',
    );
    expect([first?.firstSeenAtMs, second?.firstSeenAtMs]).toEqual([releasedMs, releasedMs + 2_000]);
  });
});

describe('the image that a tag was pinned to', () => {
  const image = 'registry.example/digits:1';
  const pinnedTo = (word: string): BundleOver => ({
    contract: { code: { image }, monitoring: { golden: 'digits-golden' } },
    lock: (locked, present) => {
      const facts = buildImageFacts({ digest: digestOf(word), python: [{ name: 'onnxruntime', version: '1.30.0' }] });
      const { contract } = loadContract(
        `apiVersion: plimsoll.dev/v1\nservice: digits\ncode: { image: ${image} }\nmodel: { name: digits, version: "1" }\n`,
      );
      const digest = pinnedImageDigest(contract.code, { image, facts })!;
      const golden = locked.evidence.golden!;
      const runtime = { onnxruntime: '1.30.0' };
      const subjects = { ...present, code: digest, runtime: digestOf(runtime) };
      return {
        ...locked,
        code: { digest, image, files: {}, facts },
        runtime,
        evidence: { golden: { ...golden, subjects: bindSubjects('golden', subjects) } },
      };
    },
  });

  it('is code: another one is another release, and renews the evidence of none', async () => {
    world = await openStoreOperations(undefined, (blobs) => {
      const judging = testJudging(blobs);
      return { ...judging, nodes: { ...judging.nodes, platform: 'kubernetes' } };
    });
    operations = world.operationsFor('ada');
    // Nobody sees the nodes of a cluster here.
    const untilMs = world.clock.nowMs() + hourMs;
    await operations.waive({ service, environment, kind: 'golden', reason: 'no nodes', untilMs });
    const first = await release(pinnedTo('image of monday'));
    await world.bringIn();
    const second = await release(pinnedTo('image of tuesday'));
    expect([first, second]).toMatchObject([
      { outcome: 'released', release: { number: 1 } },
      { outcome: 'released', release: { number: 2 } },
    ]);
    expect(first.release?.code.digest).not.toBe(second.release?.code.digest);
    expect((await world.store.releaseEvidence(service, environment)).size).toBe(0);
  });
});

describe('hardware evidence of other rule tables', () => {
  const node = buildNode('here', [], {
    cpu: { architecture: 'x64', model: 'AMD EPYC 7763', cores: 8, features: null },
    memoryBytes: 2 ** 36,
  });
  const text = `apiVersion: plimsoll.dev/v1\nservice: digits\ncode: { command: [plimsoll, serve-model], args: [c1] }\nmodel: { name: digits, version: "1" }\nhardware: { accelerator: cpu }\n`;
  const verified = (change: (evidence: Evidence) => Evidence): BundleOver => ({
    contract: { hardware: { accelerator: 'cpu' } },
    lock: (locked, present) => {
      const { contract } = loadContract(text);
      const snapshot = poolOfMachine(node, 1_000);
      const verdict = verifyPool(demandsOf(contract, 'default', locked), snapshot);
      const subjects = { ...present, 'rule-tables': digestOf('tables of an earlier version') };
      const measurements = { ...measuredPool(verdict, snapshot, contract)! };
      const evidence = change(buildEvidence('hardware', subjects, { measurements }));
      return { ...locked, evidence: { ...locked.evidence, hardware: evidence } };
    },
  });
  beforeEach(async () => {
    world = await openStoreOperations(undefined, (blobs) => {
      const judging = testJudging(blobs);
      return { ...judging, nodes: { ...judging.nodes, probe: async () => node } };
    });
    operations = world.operationsFor('ada');
  });

  it('is judged again by the tables of this version, and is not stale for them', async () => {
    expect((await release(verified((evidence) => evidence))).outcome).toBe('released');
  });

  it('is refused where what was verified is not what is here', async () => {
    const elsewhere = (evidence: Evidence): Evidence => ({
      ...evidence,
      subjects: { ...evidence.subjects, 'device-classes': digestOf('other nodes') },
    });
    expect(await refusedBecause(verified(elsewhere))).toContain('device-classes moved');
  });
});

describe('a drill of a way back', () => {
  const drilled = (to: object): BundleOver => ({
    contract: { rollout: { steps: ['50%', '100%'] } },
    again: true,
    lock: (locked) => ({
      ...locked,
      evidence: {
        ...locked.evidence,
        rollback: buildEvidence(
          'rollback',
          { 'previous-model': (to as { digest: never }).digest },
          {
            measurements: {
              ...{ model: 'digits', from: { version: 1, digest: locked.model!.digest, files: [] }, to, warm: true },
              ...{ thereMs: 10, backMs: 10, goldenCases: 3, goldenReproduced: 3, answered: 100, failed: 0 },
            },
          },
        ),
      },
    }),
  });

  it('to a model that was never here does not count, whatever files it claims to have', async () => {
    const invented = { version: 2, digest: digestOf('invented'), files: [] };
    expect(await refusedBecause(drilled(invented))).toContain('previous-model is not pinned');
    const { files } = await storedModel(world.blobs, 2);
    const claiming = { ...invented, files: files.map(({ digest }) => digest) };
    expect(await refusedBecause(drilled(claiming))).toContain('previous-model is not pinned');
  });

  it('to a model of the registry counts while its files are here', async () => {
    const { name, digest, files } = await storedModel(world.blobs, 2);
    expect(digest).toBe(artifactDigest(files));
    const added = {
      environment,
      name,
      digest,
      format: 'other' as const,
      files,
      signature: null,
      facts: {},
      lineage: {},
    };
    await operations.addModelVersion(added);
    expect((await release(drilled({ version: 1, digest, files: [] }))).outcome).toBe('released');
  });
});
