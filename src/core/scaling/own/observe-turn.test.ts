import { describe, expect, it } from 'vitest';
import { makePolicyInput, makeReplicas } from '../../../testing/builders/scaling/scaling-builders.ts';
import { buildReplayedWorld } from '../../../testing/builders/scaling/replayed-world.ts';
import { lognormalStarts } from '../../coldstart/stated-starts.ts';
import { statedCapacity } from '../../capacity/read-stated-curve.ts';
import { seededRandom } from '../../statistics/random.ts';
import { makeWorld } from '../../../testing/rigs/scaling/simulated-worlds.ts';
import { readArrivals } from '../simulation/arrivals/read-arrivals.ts';
import { simulate } from '../simulation/simulate.ts';
import { plimsollPolicy } from './plimsoll.ts';
import { observeTurn } from './observe-turn.ts';
import { nothingSeen, unluckyCounts } from './seen-lateness.ts';
import { cautiousChoice } from './settings/choose-settings.ts';
import { groundOf } from './turn.ts';

/** A replay of the settings in use that calls three in a hundred unlucky. */
const score = { arrivals: 10_000, late: 0, unlucky: 300, replicaSeconds: 1_000 };
const chosen = { ...cautiousChoice, score };
const state = { seenMs: 998_000, seen: nothingSeen, chosen };

/** Two seconds of 8 requests/s, 30 of them answered; a replica carries 2/s. */
function observe(replicas: number, now: { readonly oldestWaitMs?: number; readonly surge?: boolean } = {}) {
  const input = makePolicyInput({
    atSeconds: 1_000,
    replicas: makeReplicas(replicas),
    signals: { arrivalsPerSecond: 8, completionsPerSecond: 15, oldestWaitMs: now.oldestWaitMs ?? 0 },
  });
  const world = buildReplayedWorld([48, 48]);
  return observeTurn(input, state, groundOf(input, null), { surge: now.surge ?? false, level: 8, world });
}

describe('lateness of a turn', () => {
  it('is foretold by the replicas that there are, and not by those that the settings have on the mean of the past', () => {
    expect(observe(9).foretold).toBeLessThan(0.001);
    expect(observe(5).foretold).toBeGreaterThan(100 * observe(9).foretold);
    // More than enough replicas for an hour say nothing of what the formula is worth.
    let seen = nothingSeen;
    for (let turn = 0; turn < 1_800; turn += 1) {
      const { foretold } = observe(9);
      seen = { ...seen, foretold: seen.foretold + foretold };
    }
    expect(unluckyCounts(seen)).toBeGreaterThan(0.45);
  });

  it('is not foretold where more arrives than is served', () => {
    expect(observe(3).foretold).toBe(0);
  });

  it('is of what was answered while the oldest request waited too long', () => {
    expect(observe(4, { oldestWaitMs: 1e6 })).toMatchObject({ late: 30, spells: 1 });
    expect(observe(4)).toMatchObject({ late: 0, spells: 0 });
  });

  it('is no fault of replays in a surge, or before one chose', () => {
    expect(observe(4, { oldestWaitMs: 1e6, surge: true })).toBe(nothingSeen);
    const input = makePolicyInput({ signals: { oldestWaitMs: 1e6 } });
    const cautious = { ...state, chosen: cautiousChoice };
    const now = { surge: false, level: 8, world: buildReplayedWorld([48]) };
    expect(observeTurn(input, cautious, groundOf(input, null), now)).toBe(nothingSeen);
  });
});

it('holds the objective on a slow wave of short requests, where two replicas are too few for a minute and three are plenty', () => {
  const wave = 'diurnal:rate=60/s,amplitude=50%,period=80m,peak=20m,for=50m,seed=3,work=lognormal(50ms,0.5)';
  const { arrivals, forMs } = readArrivals(wave, 50);
  const { terms, ...world } = makeWorld([], {
    capacity: statedCapacity({ kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 50 }),
    starts: lognormalStarts(30_000, 40_000, 0.01),
    endMs: forMs,
  });
  const asked = { ...terms, toZero: false, minReplicas: 1, latencyMs: 250, lateRequestPrice: 0 };
  const result = simulate({ ...world, arrivals, terms: asked, scoreFromMs: 600_000 }, plimsollPolicy, seededRandom(1));
  expect(result.attainmentShare).toBeGreaterThan(0.995);
});
