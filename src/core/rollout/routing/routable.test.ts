import { describe, expect, it } from 'vitest';
import { aDeployment, aReplica, aRelease, aRolloutState } from '../../../testing/builders/rollout-builders.ts';
import { liveReplicas } from './routable.ts';

describe('replicas that answer for the live release', () => {
  const [one, two] = [aRelease(1), aRelease(2)];
  const replicas = [
    aReplica(one, { replicaId: 'live' }),
    aReplica(one, { replicaId: 'not-admitted' }),
    aReplica(one, { replicaId: 'starting', state: 'starting' }),
    aReplica(two, { replicaId: 'canary' }),
  ];
  const admissions = new Map(['live', 'starting', 'canary'].map((id) => [id, null]));
  const state = aRolloutState({ releases: [one, two], replicas, admissions });

  it('are admitted and ready, and no canary', () => {
    const deployment = aDeployment({ live: 1, incoming: 2, phase: 'stepping' });
    expect(liveReplicas({ ...state, deployment })).toEqual(new Set(['live']));
  });

  it('are none while the release is kept warm, and nothing is said while nothing is live', () => {
    expect(liveReplicas({ ...state, deployment: aDeployment({ live: 2 }) })).toEqual(new Set(['canary']));
    expect(liveReplicas({ ...state, deployment: aDeployment({ live: null, incoming: 2 }) })).toBeNull();
    expect(liveReplicas({ ...state, deployment: null })).toBeNull();
  });
});
