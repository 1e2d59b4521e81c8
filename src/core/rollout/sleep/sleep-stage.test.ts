import { describe, expect, it } from 'vitest';
import { aRelease, aReplica } from '../../../testing/builders/rollout-builders.ts';
import { maySleep, findSleepTarget, showSleep, type KnownSleep, type SleepStage } from './sleep-stage.ts';

const sleeps = aRelease(1, { replicas: { min: 1, max: 3, asleepAtMost: 1 } });
const replica = aReplica(sleeps, { replicaId: 'r' });
const known = (stage: SleepStage): KnownSleep => ({
  stage,
  sinceMs: 0,
  ...(stage === 'stuck' ? { reason: 'no' } : {}),
});

describe('showSleep', () => {
  it.each([
    ['ready', 'falling-asleep', 'asleep'],
    ['ready', 'asleep', 'asleep'],
    ['starting', 'asleep', 'asleep'],
    ['starting', 'stuck', 'asleep'],
    ['ready', 'waking', 'starting'],
    ['ready', 'awake', 'ready'],
    ['failed', 'asleep', 'failed'],
    ['draining', 'asleep', 'draining'],
  ] as const)('a replica that the platform calls %s and that is %s is %s', (state, stage, shown) => {
    expect(showSleep({ ...replica, state }, known(stage), false).state).toBe(shown);
  });

  it('of one that was never asked, lets it serve only where it was admitted', () => {
    expect(showSleep(replica, undefined, true)).toBe(replica);
    expect(showSleep(replica, undefined, false)).toMatchObject({
      state: 'starting',
      reason: 'is asked whether it sleeps',
    });
  });

  it('tells why a replica is stuck', () => {
    expect(showSleep(replica, known('stuck'), false).reason).toBe('no');
  });
});

describe('maySleep', () => {
  it('is so where some release of the pair lets its replicas sleep', () => {
    const other = aRelease(2);
    expect(maySleep([sleeps, other], replica)).toBe(true);
    expect(maySleep([sleeps, other], aReplica(other))).toBe(false);
  });
});

describe('findSleepTarget', () => {
  it('names the model by the paths of the protocol, and nothing for a replica without an endpoint', () => {
    expect(findSleepTarget([sleeps], replica)).toMatchObject({ model: 'digits', protocol: 'open-inference-v2' });
    expect(findSleepTarget([sleeps], { ...replica, endpoint: null })).toBeNull();
    expect(findSleepTarget([], replica)).toBeNull();
  });
});
