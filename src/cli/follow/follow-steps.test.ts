import { describe, expect, it } from 'vitest';
import { aDeployment, aRelease } from '../../testing/builders/rollout-builders.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { SelfMovingClock } from '../../testing/fakes/self-moving-clock.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { selfAdvancingClock } from '../../testing/fakes/self-advancing-clock.ts';
import type { Operations } from '../../ports/records/operations.ts';
import type { RolloutView, ServiceView } from '../../schemas/view/view.ts';
import { exitOf, followedText, followRelease } from './follow-release.ts';
import { stepFollower, stepLine } from './follow-steps.ts';
import { orderOf } from '../release/steer-release.ts';

const rollout: RolloutView = {
  release: 2,
  against: 1,
  step: 0,
  steps: [0.05, 1],
  shadowShare: 0.1,
  share: 0.05,
  startedAtMs: 0,
  elapsedMs: 61_000,
  atLeastMs: 60_000,
  withinMs: 3_600_000,
  onInconclusive: 'hold',
  pause: null,
  promote: null,
  judgement: {
    outcome: 'hold',
    atMs: 0,
    elapsedMs: 61_000,
    metrics: [
      {
        metric: 'errors',
        outcome: 'promote',
        live: 0.001,
        canary: 0.002,
        difference: { estimate: 0.001, low: -0.0005, high: 0.003 },
        margin: 0.005,
        units: { live: 19_000, canary: 1_000 },
        reason: 'r',
      },
      {
        metric: 'latency',
        outcome: 'hold',
        live: 10,
        canary: 10,
        difference: { estimate: 0, low: -1, high: null },
        margin: 0.1,
        units: { live: 1, canary: 1 },
        reason: 'r',
      },
    ],
    coldUnits: { live: 0, canary: 0 },
    reasons: ['latency is not proven'],
  },
};

describe('a step in one line', () => {
  it('says share, time, units, each interval and what the judge says', () => {
    expect(stepLine(rollout)).toBe(
      'step 1 of 2, 5%, 1m 1s of 1h 0m; 1,000 canary and 19,000 live units; errors +0.1% [-0.05%, +0.3%] against +0.5%: promote; latency 0% [-100%, ?] against +10%: hold; hold',
    );
    expect(stepLine({ ...rollout, step: -1, judgement: null })).toMatch(/^shadow, copies of 10%, .*not judged yet$/);
    const pause = { by: 'ada', atMs: 0, reason: 'lunch' };
    expect(stepLine({ ...rollout, pause })).toMatch(/paused by ada: lunch$/);
  });

  it('is told when it changes, and every ten seconds', () => {
    const lines: string[] = [];
    const follow = stepFollower((line) => lines.push(line));
    follow(undefined, 0);
    follow(rollout, 0);
    follow(rollout, 9_999);
    expect(lines).toHaveLength(1);
    follow(rollout, 10_000);
    follow({ ...rollout, step: 1 }, 10_001);
    expect(lines).toHaveLength(3);
  });
});

describe('following a release into a step', () => {
  const follow = async (over: Partial<RolloutView>) => {
    const deployment = aDeployment({ live: 1, incoming: 2, phase: 'stepping' });
    const view = { deployment, releases: [], replicas: [], evidence: [], rollout: { ...rollout, ...over } };
    const operations = { view: async () => view as unknown as ServiceView } as unknown as Operations;
    const terminal = { note: () => undefined } as never;
    return followRelease(
      { clock: new FakeClock(), signal: new AbortController().signal, terminal },
      operations,
      aRelease(2),
    );
  };

  it('ends with exit status 3 and the next command where a person decides', async () => {
    const judgement = { ...rollout.judgement, outcome: 'inconclusive' } as NonNullable<RolloutView['judgement']>;
    const held = await follow({ judgement });
    expect([held.outcome, exitOf(held)]).toEqual(['held', 3]);
    expect(followedText(aRelease(2), held)).toContain('step 1 of 2, 5% is inconclusive: latency is not proven');
    expect(followedText(aRelease(2), held)).toContain('next: plimsoll release --promote');
    const paused = await follow({ pause: { by: 'ada', atMs: 0, reason: 'lunch' } });
    expect(paused.reason).toContain('paused by ada: lunch');
  });
});

describe('following a release that is live', () => {
  /** The gateways take the table one look after the other; the last `generations` stay. */
  const follow = async (generations: readonly (number | 'silent')[]) => {
    const clock = selfAdvancingClock();
    const notes: string[] = [];
    let looks = 0;
    const view = () => {
      const at = generations[Math.min(looks, generations.length - 1)];
      looks += 1;
      const gateways =
        at === undefined || at === 'silent'
          ? []
          : [{ gatewayId: 'g1', address: '127.0.0.1:8080', acknowledgedGeneration: at }];
      const deployment = aDeployment({ live: 2, incoming: null, phase: 'live' });
      return { deployment, releases: [], replicas: [], evidence: [], gateways, routingGeneration: 7 };
    };
    const operations = { view: async () => view() as unknown as ServiceView } as unknown as Operations;
    const terminal = { note: (line: string) => void notes.push(line) } as never;
    const { signal } = new AbortController();
    const followed = await followRelease({ clock, signal, terminal }, operations, aRelease(2));
    return { followed, notes, looks };
  };

  it('ends once every gateway routes to it', async () => {
    const { followed, notes, looks } = await follow([6, 6, 7]);
    expect([followed.outcome, followed.tookMs, looks]).toEqual(['live', 40, 3]);
    expect(notes).toEqual([]);
  });

  it('ends after two seconds where no gateway reports', async () => {
    expect((await follow([])).followed).toMatchObject({ outcome: 'live', tookMs: 2_000 });
  });

  it('waits for the first report of a gateway', async () => {
    const { followed, notes } = await follow(['silent', 'silent', 6, 7]);
    expect([followed.outcome, followed.tookMs]).toEqual(['live', 60]);
    expect(notes).toEqual([]);
  });

  it('names a gateway that falls silent before it took it', async () => {
    const { followed, notes } = await follow([6, 6, 'silent']);
    expect([followed.outcome, followed.tookMs]).toEqual(['live', 40]);
    expect(notes).toEqual(['  silent, and may route as before: g1 at 127.0.0.1:8080; plimsoll status']);
  });

  it('names a gateway that does not take it, and ends all the same', async () => {
    const { followed, notes } = await follow([6]);
    expect([followed.outcome, followed.tookMs]).toEqual(['live', 10_000]);
    expect(notes).toEqual([
      '  routes are awaited of g1 at 127.0.0.1:8080; waited 2s, at most 8s more',
      '  routes are awaited of g1 at 127.0.0.1:8080; waited 7s, at most 3s more',
      '  not every gateway routes to it yet: g1 at 127.0.0.1:8080; plimsoll status',
    ]);
  });
});

describe('following a release that stands still', () => {
  const start = { ...aDeployment({ live: 1, incoming: 2, phase: 'starting' }), reason: 'waits', changedAtMs: 0 };
  const replica = { replicaId: 'r-1', state: 'starting', reason: 'no answer in time', admitted: false };

  /** What is said while each look is answered by `at`, until it throws. */
  async function watch(
    at: (nowMs: number) => ServiceView,
  ): Promise<{ readonly notes: string[]; readonly end: unknown }> {
    const clock = new SelfMovingClock(0);
    const notes: string[] = [];
    const operations = { view: async () => at(clock.monotonicMs()) } as unknown as Operations;
    const terminal = { note: (line: string) => void notes.push(line) } as never;
    const { signal } = new AbortController();
    const followed = followRelease({ clock, signal, terminal }, operations, aRelease(2));
    return { end: await followed.catch((thrown: unknown) => thrown), notes };
  }
  const viewAt = (nowMs: number, over: object = {}): ServiceView =>
    ({ nowMs, deployment: start, releases: [], replicas: [replica], gateways: [], ...over }) as unknown as ServiceView;

  it('says every 5 s which replica is waited for, why, and how long at most', async () => {
    const failed = {
      deployment: { ...start, incoming: null, phase: 'failed' },
      releases: [{ number: 2, state: 'failed' }],
    };
    const { notes } = await watch((nowMs) => viewAt(nowMs, nowMs < 12_000 ? {} : failed));
    const state = '  release 2 is starting: replica r-1 is starting: no answer in time';
    expect(notes.slice(0, 2)).toEqual([
      `${state}; waited 5s, at most 1m 55s more`,
      `${state}; waited 10s, at most 1m 50s more`,
    ]);
  });

  it('says nothing again that a line has just said', async () => {
    const ready = { replicas: [{ ...replica, reason: 'loads', state: 'pending' }] };
    const { notes } = await watch((nowMs) => {
      if (nowMs >= 12_000) throw new Error('enough');
      return viewAt(nowMs, nowMs < 4_000 ? {} : ready);
    });
    expect(notes).toEqual([
      '  replica r-1 is pending: loads',
      '  release 2 is starting: replica r-1 is pending: loads; waited 9s, at most 1m 51s more',
    ]);
  });

  it('says that the control plane is away, and gives up after 30 s', async () => {
    const { notes, end } = await watch((nowMs) => {
      if (nowMs < 1_000) return viewAt(nowMs);
      throw new PlimsollError({ code: 'control-plane-unreachable', category: 'unavailable', message: 'ECONNREFUSED' });
    });
    expect(end).toMatchObject({ code: 'control-plane-unreachable' });
    expect(notes[0]).toMatch(/^ {2}the control plane is away: ECONNREFUSED; waited 2.*, at most 2\d.*s more$/);
    expect(notes).toHaveLength(6);
  });
});

describe('an order', () => {
  it('is one of four, and one at a time', () => {
    expect(orderOf({})).toBeNull();
    expect(orderOf({ abort: true })).toBe('abort');
    expect(() => orderOf({ pause: true, resume: true })).toThrow('--pause and --resume contradict each other');
  });
});
