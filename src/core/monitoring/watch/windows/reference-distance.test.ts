import { beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../statistics/random.ts';
import { digestOf } from '../../../units/digest.ts';
import type { ReferenceSummary } from '../../features/reference.ts';
import type { Change, ReplicaGolden } from '../../triage/observations.ts';
import { triage } from '../../triage/triage.ts';
import { emptyDrift, type DriftState, type WatchedRow } from '../drift-state.ts';
import { driftStatus, judgeMonitoring } from '../drift-status.ts';
import type { MonitoringTerms } from '../monitoring-terms.ts';
import { observeLeft, withLeftDiagnosis, type SeenOfAlarm } from '../alarm/observe-alarm.ts';
import { acknowledgeLeft, findLeftReference, learnDistance } from './reference-distance.ts';

const referenceOf = (mean: number): MonitoringTerms['reference'] => {
  const quantiles = { p05: 0, p25: 0, p50: 0, p75: 0, p95: 0 };
  const summary: ReferenceSummary = {
    ...{ referenceVersion: 1, featuresVersion: 1, rows: 5_000, ofRows: 5_000, cut: null },
    features: [{ name: 'x', group: 'x', kind: 'numeric', missingShare: 0, numeric: { mean, sd: 0.29, quantiles } }],
  };
  return { digest: digestOf(summary), summary };
};
const terms = {
  ...{ release: 1, rate: null, tolerance: { sd: 0.2, totalVariation: 0.1 }, reference: referenceOf(0.5) },
} as unknown as MonitoringTerms;
let random = seededRandom(3);
const golden: readonly ReplicaGolden[] = [
  {
    ...{ replicaId: 'a', release: 1, node: 'n', deviceClass: null, fingerprint: null },
    ...{ verdict: 'pass', replays: 1, atMs: 0 },
  },
];
const release = { kind: 'release', atMs: 900, what: 'release 1 is live' } as const;
const seenWith = (change: Change): SeenOfAlarm => ({ golden, changes: [change], files: [], nodeEvents: [] });

interface Watched {
  readonly state: DriftState;
  readonly told: number;
}

/** Rows of a uniform number in [shift, shift + 1], in batches of 50; `told` counts how often live data left. */
function watch(from: Watched, count: number, shift: number, nowMs: number, by = terms): Watched {
  let { state, told } = from;
  for (let at = 0; at < count; at += 50) {
    const rows = Array.from({ length: 50 }, () => ({
      ...{ release: 1, values: { status: '200', x: shift + random.nextShare() } },
    })) as unknown as WatchedRow[];
    const found = findLeftReference(learnDistance(state, rows, by, nowMs), by, nowMs);
    state = { ...found.state, lastRowAtMs: nowMs };
    told += found.left === null ? 0 : 1;
  }
  return { state, told };
}
const begun: Watched = { state: { ...emptyDrift, inputGroups: ['x'] }, told: 0 };
const judge = ({ state }: Watched) => judgeMonitoring(driftStatus(state, terms), 2_000);

beforeEach(() => {
  random = seededRandom(3);
});

describe('live data against what was evaluated', () => {
  it('is unknown before there are enough rows, and then runs', () => {
    expect(judge(watch(begun, 100, 0, 1_000))).toMatchObject({ verdict: 'unknown' });
    expect(judge(watch(begun, 100, 0, 1_000)).reasons.at(-1)).toBe(
      'live rows are not held against what was evaluated: 92 more rows',
    );
    expect(judge(watch(begun, 200, 0, 1_000))).toMatchObject({
      verdict: 'pass',
      reasons: ['2 of 2 known distances to what was evaluated are within the tolerance'],
    });
  });

  it('stands from when it left until somebody acknowledges it, and fails while it is outside', () => {
    const left = watch(watch(begun, 1_000, 0, 1_000), 400, 2, 2_000);
    expect(left.told).toBe(1);
    expect(left.state.left).toMatchObject({ features: ['x'], sinceMs: 1_000, isChange: true, release: 1 });
    expect(judge(left)).toMatchObject({ verdict: 'fail' });
    const known = { ...left, state: acknowledgeLeft(left.state) };
    expect(driftStatus(known.state, terms).left).toBe(null);
    expect(judge(known).reasons[0]).toMatch(/^live data is outside what was evaluated: x, mean 6\.\d sd up$/);
    expect(watch(known, 400, 2, 2_000).told).toBe(1);
  });

  it('is told again where live data came back in between, and not while it was never acknowledged', () => {
    const back = watch(watch(watch(begun, 1_000, 0, 1_000), 400, 2, 2_000), 600, 0, 3_000);
    expect(driftStatus(back.state, terms).distance?.left).toEqual([]);
    expect([back.told, back.state.left?.atMs]).toEqual([1, 2_000]);
    expect(watch(back, 400, 2, 4_000).told).toBe(1);
    const known = watch({ ...back, state: acknowledgeLeft(back.state) }, 50, 0, 4_000);
    expect(judge(known).verdict).toBe('pass');
    expect(watch(known, 400, 2, 5_000).told).toBe(2);
  });

  describe('of two features', () => {
    const reference = referenceOf(0.5)!;
    const [x] = reference.summary.features;
    const summary = { ...reference.summary, features: [x!, { ...x!, name: 'y', group: 'y' }] };
    const two = { ...terms, reference: { digest: digestOf(summary), summary } };
    let state: DriftState;
    beforeEach(() => {
      state = { ...emptyDrift, inputGroups: ['x', 'y'] };
    });
    const send = (shifts: { readonly x: number; readonly y: number }, nowMs: number): readonly (string | undefined)[] =>
      Array.from({ length: 20 }, () => {
        const rows = Array.from({ length: 50 }, () => {
          const values = { status: '200', x: shifts.x + random.nextShare(), y: shifts.y + random.nextShare() };
          return { release: 1, values };
        });
        const found = findLeftReference(learnDistance(state, rows as unknown as WatchedRow[], two, nowMs), two, nowMs);
        ({ state } = found);
        return found.left?.reason;
      }).filter((reason) => reason !== undefined);
    it('names the one that leaves later too, and tells nobody anew', () => {
      send({ x: 0, y: 0 }, 1_000);
      expect(send({ x: 0, y: 2 }, 2_000)).toEqual([expect.stringMatching(/: y, mean 6/)]);
      expect(send({ x: 2, y: 2 }, 3_000)).toEqual([]);
      expect(state.left).toMatchObject({ features: ['y', 'x'], atMs: 2_000, sinceMs: 1_000, isChange: true });
      expect(state.left?.reason).toMatch(/: x, mean \d\.\d sd up, y, mean \d\.\d sd up$/);
    });

    it('takes nothing of a later change for the one that was told', () => {
      send({ x: 2, y: 0 }, 1_000);
      send({ x: 2, y: 0 }, 2_000);
      expect(send({ x: 2, y: 2 }, 3_000)).toEqual([]);
      expect(state.left).toMatchObject({ features: ['x', 'y'], atMs: 1_000, sinceMs: 1_000, isChange: false });
    });
  });

  it('ends with another reference', () => {
    const left = watch(watch(begun, 1_000, 0, 1_000), 400, 2, 2_000);
    const anew = watch(left, 50, 2, 3_000, { ...terms, reference: referenceOf(2.5) });
    expect(anew.state.left).toBe(null);
    expect(watch(left, 50, 2, 3_000, { ...terms, reference: null }).state.left).toBe(null);
  });

  it('has the cause data where rows of the release agreed with its reference before', () => {
    const { state } = watch(watch(begun, 1_000, 0, 1_000), 400, 2, 2_000);
    const answer = triage(observeLeft(state, state.left!, terms, seenWith(release)));
    expect(answer).toMatchObject({ verdict: 'named', causes: [{ cause: 'data' }] });
    const found = { diagnosis: answer, observed: [] };
    expect(withLeftDiagnosis(state, state.left!, found).left?.diagnosis).toBe(answer);
    expect(withLeftDiagnosis(acknowledgeLeft(state), state.left!, found).left).toBe(null);
  });

  it('has no cause where a release came in between, or where live data was outside from the first row on', () => {
    const { state } = watch(watch(begun, 1_000, 0, 1_000), 400, 2, 2_000);
    const between = { ...release, atMs: 1_500 };
    expect(triage(observeLeft(state, state.left!, terms, seenWith(between))).verdict).toBe('abstains');
    const outside = watch(begun, 400, 2, 1_000).state;
    expect(outside.left).toMatchObject({ isChange: false, sinceMs: 1_000 });
    expect(triage(observeLeft(outside, outside.left!, terms, seenWith(release))).verdict).toBe('abstains');
  });
});
