import { describe, expect, it } from 'vitest';
import {
  aDeployment,
  aReplica,
  aRelease,
  aRolloutState,
  goldenOf,
} from '../../../testing/builders/rollout-builders.ts';
import { neededReplays } from './needed-replays.ts';

const one = aRelease(1);
const again = aRelease(2, { modelVersion: 1, golden: { dataName: 'g', blob: `sha256:${'2'.repeat(64)}` } });
const needed = (state: Parameters<typeof neededReplays>[0]) =>
  neededReplays(state).map(({ replicaId, release, golden, live }) => ({ replicaId, release, golden, live }));

describe('golden sets that are still owed', () => {
  const base = aRolloutState({
    releases: [one, again],
    deployment: aDeployment({ live: 1, incoming: 2, phase: 'starting' }),
    replicas: [aReplica(one)],
  });

  it('begins with the live release, then asks for the one of a newer release of the same pair', () => {
    expect(needed(base)).toEqual([{ replicaId: 'r-1-a', release: 1, golden: goldenOf(1)?.blob, live: true }]);
    const admitted = { ...base, admissions: new Map([['r-1-a', goldenOf(1)?.blob ?? null]]) };
    expect(needed(admitted)).toEqual([{ replicaId: 'r-1-a', release: 2, golden: again.golden?.blob, live: false }]);
    expect(needed({ ...base, admissions: new Map([['r-1-a', again.golden?.blob ?? null]]) })).toEqual([]);
  });

  it('asks nothing of a replica that is not ready, or that nobody wants', () => {
    expect(needed({ ...base, replicas: [aReplica(one, { state: 'starting' })] })).toEqual([]);
    expect(needed({ ...base, replicas: [aReplica(aRelease(9))] })).toEqual([]);
  });

  it('admits a replica of a release without a golden set with nothing to replay', () => {
    const bare = aRelease(1, { golden: null });
    const state = aRolloutState({ releases: [bare], deployment: aDeployment({ live: 1 }), replicas: [aReplica(bare)] });
    expect(needed(state)).toMatchObject([{ golden: null }]);
  });
});
