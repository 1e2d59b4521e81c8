import fc from 'fast-check';
import { expect, it } from 'vitest';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import { pairDigest } from '../../core/rollout/names.ts';
import type { Axis, Release } from '../../core/rollout/release.ts';
import { makeRollbackRelease } from '../../core/rollout/rollback-release.ts';
import { chooseRollback, type RollbackState } from '../../core/rollout/rollback-target.ts';
import type { Store, StoreWriter } from '../../ports/records/store.ts';
import { aModel, aRelease, anEvent, fenceOf } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { memoryBlobs, type MemoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { memoryPredictionIndex } from '../../testing/fakes/memory/memory-prediction-index.ts';
import { memoryStore } from '../../testing/fakes/memory/memory-store.ts';
import { collectBlobs } from './collect-blobs.ts';

const hourMs = 3_600_000;
const axes: readonly Axis[] = ['code', 'model'];
const axis = fc.constantFrom(...axes);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      ...{ do: fc.constant('release' as const), code: fc.nat(7), model: fc.nat(7) },
      then: fc.constantFrom('live' as const, 'live' as const, 'failed' as const, 'undecided' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('go-live' as const, 'fail' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ do: fc.constant('rollback' as const), axis, to: fc.option(fc.integer({ min: 1, max: 12 })) },
      drill: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('bar' as const), axis, release: fc.nat(12) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('collect' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 60 }) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const scope = ['digits', 'prod'] as const;

interface World {
  readonly store: Store;
  readonly blobs: MemoryBlobs;
  readonly clock: FakeClock;
}

async function stateOf(
  store: Pick<Store, 'releases' | 'deployment' | 'releaseOutcomes' | 'bars'>,
): Promise<RollbackState> {
  return {
    releases: await store.releases(...scope),
    deployment: await store.deployment(...scope),
    outcomes: await store.releaseOutcomes(...scope),
    bars: await store.bars(...scope),
  };
}

/** Every blob of every release that is live, comes in, or that a rollback could make now. */
function requiredBlobs(state: RollbackState): ReadonlySet<Digest> {
  const { live, incoming } = state.deployment ?? {};
  const current = state.releases.filter(({ number }) => number === live || number === incoming);
  const targets = axes.flatMap((each) =>
    [undefined, ...state.releases.map(({ number }) => number)].flatMap((to) => {
      const chosen = chooseRollback(state, each, to);
      return 'choice' in chosen ? [chosen.choice] : [];
    }),
  );
  const digests = [...current, ...targets].flatMap(({ code, model, golden }) => [
    ...[...code.files, ...model.files].map(({ digest }) => digest),
    ...(golden === null ? [] : [golden.blob]),
  ]);
  return new Set(digests);
}

async function putFile({ blobs }: World, words: string) {
  const { digest, bytes } = await blobs.put(new TextEncoder().encode(words));
  return { path: words.replaceAll(' ', '-'), digest, bytes };
}

async function bringIn(tx: StoreWriter, made: Omit<Release, 'number'>): Promise<void> {
  const { number } = await tx.addRelease(made);
  const deployment = await tx.deployment(...scope);
  const { revision = null, live = null, previous = null, incoming = null } = deployment ?? {};
  if (incoming !== null) await tx.appendEvent(anEvent('release.superseded', 1, { release: incoming, by: number }));
  await tx.setDeployment(
    {
      service: 'digits',
      environment: 'prod',
      live,
      previous,
      incoming: number,
      phase: 'starting',
      step: 0,
      reason: '',
      changedAtMs: 0,
    },
    revision,
  );
}

async function release(
  world: World,
  { code, model }: { readonly code: number; readonly model: number },
): Promise<void> {
  const made = {
    code: { ...aRelease().code, digest: digestOf(`code ${code}`), files: [await putFile(world, `code ${code}`)] },
    model: {
      ...{ ...aRelease().model, version: model + 1, digest: digestOf(`model ${model}`) },
      files: [await putFile(world, `weights ${model}`)],
    },
  };
  const golden = { dataName: 'golden', blob: (await putFile(world, `golden ${model}`)).digest };
  await write(world, (tx) => bringIn(tx, { ...aRelease(), ...made, golden, pair: pairDigest(made.code, made.model) }));
}

/** The incoming one goes live, and the live one before it stays as the previous one; or it fails. */
async function decide(world: World, isLive: boolean): Promise<void> {
  await write(world, async (tx) => {
    const deployment = await tx.deployment(...scope);
    if (deployment === null || deployment.incoming === null) return;
    const { revision, incoming, live, previous } = deployment;
    await tx.appendEvent(anEvent(isLive ? 'release.live' : 'release.failed', 1, { release: incoming }));
    const moved = isLive
      ? { live: incoming, previous: live === null ? null : { release: live, untilMs: 0 } }
      : { live, previous };
    await tx.setDeployment({ ...deployment, ...moved, incoming: null }, revision);
  });
}

async function rollBack(world: World, asked: Extract<Step, { do: 'rollback' }>): Promise<void> {
  await write(world, async (tx) => {
    const chosen = chooseRollback(await stateOf(tx), asked.axis, asked.to ?? undefined);
    if ('refusal' in chosen) return;
    const { service, environment } = aRelease();
    const request = { service, environment, axis: asked.axis, reason: 'bad', drill: asked.drill };
    await bringIn(tx, makeRollbackRelease(request, chosen.choice, 'ada', 1));
    if (!asked.drill) await tx.addBar(barOf(chosen.choice.from, asked.axis));
  });
}

const barOf = (barred: Release, axis: Axis) => ({
  ...{ service: 'digits', environment: 'prod', axis, digest: barred[axis].digest, reason: 'bad', by: 'ada', atMs: 1 },
});

async function write<T>({ store }: World, work: (tx: StoreWriter) => Promise<T>): Promise<T> {
  return store.transaction(await fenceOf(store), work);
}

async function take(world: World, each: Step): Promise<number> {
  const { store, blobs, clock } = world;
  switch (each.do) {
    case 'release':
      await release(world, each);
      if (each.then !== 'undecided') await decide(world, each.then === 'live');
      return 0;
    case 'go-live':
    case 'fail':
      await decide(world, each.do === 'go-live');
      return 0;
    case 'rollback':
      await rollBack(world, each);
      return 0;
    case 'bar': {
      const barred = await store.release(...scope, each.release);
      if (barred !== null) await write(world, (tx) => tx.addBar(barOf(barred, each.axis)));
      return 0;
    }
    case 'wait':
      await clock.advance(each.hours * hourMs);
      return 0;
    case 'collect': {
      const { removed } = await collectBlobs({
        ...{ store, blobs, clock, predictionIndex: memoryPredictionIndex(), lock: [], graceMs: 24 * hourMs },
        ...{ dryRun: false, holder: 'collector', isDead: () => false, signal: new AbortController().signal },
      });
      return removed.blobs;
    }
  }
}

it('after any history of releases, rollbacks, bars and collections all that may run next has its blobs', async () => {
  let [removed, targets] = [0, 0];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const clock = new FakeClock();
      const world: World = { store: memoryStore(), blobs: memoryBlobs(clock), clock };
      await write(world, (tx) => tx.addModelVersion(aModel()));
      for (const each of steps) {
        removed += await take(world, each);
        const required = requiredBlobs(await stateOf(world.store));
        targets = Math.max(targets, required.size);
        for (const digest of required) expect(await world.blobs.has(digest), `${each.do}: ${digest}`).toBe(true);
      }
    }),
    { numRuns: 150 },
  );
  expect(removed).toBeGreaterThan(50);
  expect(targets).toBeGreaterThan(6);
});
