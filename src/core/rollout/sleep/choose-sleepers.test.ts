import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aRelease, aReplica } from '../../../testing/builders/rollout-builders.ts';
import type { ObservedReplica } from '../replica.ts';
import { chooseSleepers, type SleepChoice } from './choose-sleepers.ts';
import type { KnownSleep, SleepStage } from './sleep-stage.ts';

const release = aRelease(1);
const replica = (replicaId: string, startedAtMs: number, stage: SleepStage | null = null, serves = true) => ({
  observed: aReplica(release, {
    replicaId,
    startedAtMs,
    state: stage !== null && stage !== 'awake' ? 'asleep' : serves ? 'ready' : 'starting',
  }),
  known: stage === null ? null : ({ stage, sinceMs: 0 } satisfies KnownSleep),
});
type Given = ReturnType<typeof replica>;

function choose(given: readonly Given[], awake: number, asleep: number): SleepChoice {
  const known = new Map(
    given.flatMap(({ observed, known: each }) => (each === null ? [] : [[observed.replicaId, each]])),
  );
  return chooseSleepers(
    given.map(({ observed }) => observed),
    { awake, asleep },
    {
      known,
      byWorth: (a, b) => Number(a.state === 'ready') - Number(b.state === 'ready') || b.startedAtMs - a.startedAtMs,
      maySleep: ({ state }) => state === 'ready',
    },
  );
}

const names = (replicas: readonly ObservedReplica[]) => replicas.map(({ replicaId }) => replicaId);
const short = ({ rest, wake, stop, asleep }: SleepChoice) => ({
  rest: names(rest),
  wake: names(wake),
  stop: names(stop),
  asleep: names(asleep),
});

describe('chooseSleepers', () => {
  const served = [replica('a', 1), replica('b', 2), replica('c', 3)];

  it('lets the youngest of those that serve go to sleep, while there is room', () => {
    expect(short(choose(served, 1, 2))).toEqual({ rest: ['c', 'b'], wake: [], stop: [], asleep: ['c', 'b'] });
    expect(short(choose([...served, replica('d', 0, 'asleep')], 1, 2))).toEqual({
      ...{ rest: ['b'], wake: [] },
      ...{ stop: ['c'], asleep: ['d', 'b'] },
    });
  });

  it('stops one that does not serve yet in place of letting it sleep', () => {
    expect(short(choose([replica('a', 1), replica('new', 2, null, false)], 1, 2))).toEqual({
      ...{ rest: [], wake: [] },
      ...{ stop: ['new'], asleep: [] },
    });
  });

  it('wakes the oldest of those that sleep, and none that is still falling asleep', () => {
    const sleeping = [replica('s2', 5, 'asleep'), replica('s1', 4, 'asleep'), replica('falls', 3, 'falling-asleep')];
    const { wake, asleep, stop } = short(choose([replica('a', 1), ...sleeping], 2, 3));
    expect({ wake, asleep, stop }).toEqual({ wake: ['s1'], asleep: ['falls', 's2'], stop: [] });
    expect(short(choose([replica('a', 1), ...sleeping], 9, 3)).wake).toEqual(['s1', 's2']);
  });

  it('stops those that sleep beyond what may, the youngest first, and each that is stuck', () => {
    const sleeping = [replica('s1', 4, 'asleep'), replica('s2', 5, 'asleep'), replica('bad', 6, 'stuck')];
    expect(short(choose([replica('a', 1), ...sleeping], 1, 1))).toEqual({
      ...{ rest: [], wake: [] },
      ...{ stop: ['bad', 's2'], asleep: ['s1'] },
    });
  });

  it('moves each replica once, keeps what is wanted awake, and never exceeds what may sleep', () => {
    const stage = fc.constantFrom<SleepStage | null>(null, 'awake', 'asleep', 'falling-asleep', 'stuck');
    const fleet = fc.array(fc.tuple(stage, fc.boolean(), fc.nat(9)), { maxLength: 8 });
    fc.assert(
      fc.property(fleet, fc.nat(6), fc.nat(6), (drawn, awake, asleep) => {
        const given = drawn.map(([each, serves, startedAtMs], index) =>
          replica(`r${index}`, startedAtMs, each, serves),
        );
        const choice = choose(given, awake, asleep);
        const moved = names([...choice.rest, ...choice.wake, ...choice.stop]);
        expect(new Set(moved).size).toBe(moved.length);
        expect(choice.asleep.length).toBeLessThanOrEqual(asleep);
        const awakeNow = given.filter(({ observed }) => observed.state !== 'asleep').length;
        const awakeStopped = choice.stop.filter(({ state }) => state !== 'asleep').length;
        const awakeAfter = awakeNow - choice.rest.length - awakeStopped + choice.wake.length;
        const wakeable = given.filter(({ known }) => known?.stage === 'asleep').length;
        expect(awakeAfter).toBe(awakeNow >= awake ? awake : Math.min(awake, awakeNow + wakeable));
        expect(choice.rest.every(({ state }) => state === 'ready')).toBe(true);
      }),
    );
  });

  it('changes nothing when it is asked again after what it chose was done', () => {
    const first = choose([...served, replica('d', 0, 'asleep')], 1, 2);
    const after = [replica('a', 1), ...first.asleep.map(({ replicaId }) => replica(replicaId, 0, 'asleep'))];
    expect(short(choose(after, 1, 2))).toMatchObject({ rest: [], wake: [], stop: [] });
  });
});
