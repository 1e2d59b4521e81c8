import type { OpenAlarm } from '../../src/core/monitoring/watch/drift-state.ts';
import type { SlicesStatus } from '../../src/core/monitoring/slices/slice-status.ts';
import type { DriftStatus, FeatureStatus } from '../../src/core/monitoring/watch/drift-status.ts';
import type { TrailPoint } from '../../src/core/monitoring/watch/alarm/evidence-trail.ts';
import type { DriftHistory, FeatureHistory } from '../../src/core/monitoring/watch/inputs/feature-history.ts';
import type { DriftSample } from '../../src/core/monitoring/samples/drift-sample.ts';
import type {
  AcknowledgeDriftRequest,
  DriftAnswer,
  DriftHistoryAnswer,
  DriftSamplesAnswer,
} from '../../src/schemas/http/monitoring/http-drift.ts';
import type { LabelsStatus } from '../../src/schemas/http/monitoring/http-labels.ts';
import { FakeRandom } from './fake-signals.ts';

const dayMs = 86_400_000;
const windowMs = 60_000;
const windowCount = 120;
/** Windows since the inputs were inverted. */
const movedWindows = 14;

const features: readonly Pick<FeatureStatus, 'name' | 'group' | 'kind'>[] = [
  { name: 'status', group: 'status', kind: 'category' },
  ...['mean', 'contrast', 'sharpness', 'projection-1', 'projection-2', 'projection-3', 'projection-4'].map(
    (of) => ({ name: `image.${of}`, group: 'image', kind: 'numeric' }) as const,
  ),
  { name: 'probabilities.class', group: 'probabilities', kind: 'category' },
  ...['confidence', 'margin', 'entropy'].map(
    (of) => ({ name: `probabilities.${of}`, group: 'probabilities', kind: 'numeric' }) as const,
  ),
];

/** As the control plane says it. */
export const nothingCaptured =
  'nothing is captured: the contract writes neither `monitoring.capture` nor `monitoring.falseAlarms`';

/** A made-up watch of a service whose inputs move, at the moment that a test says; nothing of it is measured. */
export class FakeDrift {
  /** Empty until the inputs moved. */
  alarms: readonly OpenAlarm[] = [];
  acknowledged: readonly AcknowledgeDriftRequest[] = [];
  /** A control plane from before it watched answers knows none of its routes. */
  isServed = true;
  /** Answered in place of the status. */
  because: string | null = null;
  /** Before the first cohort of labels is mature. */
  hasLabels = true;
  lastRowAgoMs = 2_000;
  hasWindows = true;
  /** As with `monitoring.slices`; left out where the contract names none. */
  slices: SlicesStatus | undefined;
  #movedAtMs: number | null = null;

  constructor(nowMs: number, isMoved: boolean) {
    if (isMoved) this.move(nowMs);
  }

  /** The inputs were inverted a while ago: an alarm is open, with its cause, and another whose cause nobody knows. */
  move(nowMs: number): void {
    this.#movedAtMs = nowMs - movedWindows * windowMs;
    this.alarms = [inputAlarm(nowMs), outputAlarm(nowMs)];
  }

  answer(nowMs: number): DriftAnswer {
    return this.because !== null
      ? { status: null, because: this.because, golden: null, nowMs }
      : { status: this.#status(nowMs), because: null, golden: null, nowMs };
  }

  history(nowMs: number): DriftHistoryAnswer {
    return { history: this.because !== null ? null : this.#history(nowMs) };
  }

  samples(nowMs: number, last: number): DriftSamplesAnswer {
    return { samples: Array.from({ length: Math.min(last, 40) }, (_, at) => sampleAt(at, nowMs)) };
  }

  labels(): LabelsStatus {
    const tally = { recorded: 4_210, repeated: 3, contradicted: 0, future: 0, unknown: 12, droppedPredictions: 0 };
    const open = { predictions: 1_204, labelled: 317 };
    return { report: this.hasLabels ? labelsReport(this.#movedAtMs !== null) : null, tally, open, waiting: 12 };
  }

  acknowledge(request: AcknowledgeDriftRequest, nowMs: number): DriftAnswer {
    this.acknowledged = [...this.acknowledged, request];
    const { alarm } = request;
    this.alarms = this.alarms.filter(
      ({ name, kind }) => alarm !== null && (name !== alarm.name || kind !== alarm.kind),
    );
    return this.answer(nowMs);
  }

  #status(nowMs: number): DriftStatus {
    const hasAlarms = this.alarms.length > 0;
    return {
      release: 5,
      left: null,
      rate: { count: 1, perMs: 30 * dayMs },
      rows: 48_213,
      lastRowAtMs: nowMs - this.lastRowAgoMs,
      unreadable: {},
      strangeRows: 0,
      budget: { watchedMs: 9.4 * dayMs, expectedAtMost: 0.3133, alarms: hasAlarms ? 2 : 0 },
      detectors: [
        {
          detector: 'control',
          holds: 'by design',
          watches: 'one replica or release against the others, by requests that were drawn at random',
          isRunning: true,
          because: 'replicas are compared over 4821 drawn requests',
        },
        {
          detector: 'series',
          holds: 'if the forecaster does',
          watches: 'the values of all requests, window by window, against the history',
          isRunning: this.hasWindows,
          because: this.hasWindows
            ? '41 of 46 series of windows are judged'
            : 'windows are not judged: 388 more than the 12 that are there are needed',
        },
      ],
      features: features.map((feature) => ({
        ...feature,
        capitalShare: hasAlarms ? 0 : 0.004,
        isLatched: this.#isNamed(feature),
        series: { forecast: 3, blocks: 0, unknown: 0 },
      })),
      alarms: this.alarms,
      ...(this.slices === undefined ? {} : { slices: this.slices }),
      comparison: { replicas: 2, rowsPerHour: 214, weight: 0.003 },
      distance: {
        measured: 21,
        unknown: 3,
        left: hasAlarms ? ['image.mean, mean 1.9 sd up', 'probabilities.class, 31% of rows in other categories'] : [],
      },
    };
  }

  #isNamed({ name, group }: Pick<FeatureStatus, 'name' | 'group'>): boolean {
    return this.alarms.some((alarm) => alarm.name === (alarm.kind === 'feature' ? name : group));
  }

  #history(nowMs: number): DriftHistory {
    const count = this.hasWindows ? windowCount : 0;
    const atMs = Array.from({ length: count }, (_, at) => nowMs - (count - 1 - at) * windowMs);
    const random = new FakeRandom();
    const made = features.map((feature): FeatureHistory => {
      const moves = this.#movedAtMs !== null && /mean|contrast|class|confidence/.test(feature.name);
      return {
        ...feature,
        isLatched: this.#isNamed(feature),
        capitalShare: this.#isNamed(feature) ? 0 : 0.0004,
        ...seriesOf(feature.name, feature.kind, random, atMs, moves ? this.#movedAtMs : null),
      };
    });
    const isWorse = (one: FeatureHistory): number => (one.isLatched ? 2 : /confidence|contrast/.test(one.name) ? 1 : 0);
    return {
      release: 5,
      historyFromMs: nowMs - 2 * dayMs,
      atMs,
      features: made.toSorted((a, b) => isWorse(b) - isWorse(a)),
      more: 0,
      trail: this.#trail(nowMs, random),
    };
  }

  #trail(nowMs: number, random: FakeRandom): readonly TrailPoint[] {
    return Array.from({ length: 120 }, (_, at): TrailPoint => {
      const ageMs = (119 - at) * windowMs;
      const atMs = nowMs - ageMs;
      const sinceMs = this.#movedAtMs === null ? -1 : atMs - this.#movedAtMs;
      const raised = this.#movedAtMs !== null && sinceMs >= 0 && sinceMs < windowMs;
      const moving = sinceMs >= windowMs ? 1e-4 * (1 + random.next()) : 0;
      const capital = raised ? 3.4 : moving || 10 ** (-3.4 + 1.2 * Math.sin(at / 9) + 0.5 * random.next());
      const most = [
        { name: 'image.mean', capital: capital * 0.6 },
        { name: 'probabilities.class', capital: capital * 0.2 },
        { name: 'image.contrast', capital: capital * 0.1 },
      ];
      const alarm = { alarm: { kind: 'feature', name: 'image.mean' } } as const;
      return { atMs, statistic: capital, most, ...(raised ? alarm : {}) };
    });
  }
}

function seriesOf(
  name: string,
  kind: 'numeric' | 'category',
  random: FakeRandom,
  atMs: readonly number[],
  movedAtMs: number | null,
): Pick<FeatureHistory, 'of' | 'category' | 'reference' | 'values'> {
  const isStatus = name === 'status';
  const usual = isStatus ? 1 : kind === 'category' ? 0.1 : name.includes('projection') ? 0.02 : 0.13;
  const half = kind === 'category' ? 0.1 : 0.03;
  const values = atMs.map((each, at) => {
    if (at === 31 || at === 33) return null;
    const noise = isStatus ? 0 : half * 0.5 * (random.next() - 0.5);
    return Number((usual + noise + (movedAtMs !== null && each >= movedAtMs ? 14 * half * 0.5 : 0)).toPrecision(4));
  });
  const [low, high] =
    kind === 'category' ? [Math.max(0, usual - half), Math.min(1, usual + half)] : [usual - half, usual + half];
  return {
    of: kind === 'category' ? 'category' : 'mean',
    category: kind === 'category' ? (isStatus ? '200' : '8') : null,
    reference: { value: usual, low, high, from: 'evaluation' },
    values,
  };
}

const inputAlarm = (nowMs: number): OpenAlarm => ({
  ...{ kind: 'feature', name: 'image.mean', arm: null, statistic: 3.4, share: 0.62, release: 5 },
  atMs: nowMs - (movedWindows - 1) * windowMs,
  sinceMs: nowMs - 2 * dayMs,
  moved: 'image.mean: mean went from 0.13 up to 0.872; image.contrast: mean went from 0.31 up to 0.52',
  diagnosis: {
    verdict: 'named',
    causes: [
      {
        cause: 'data',
        replicas: [],
        evidence: [
          'The inputs left what was evaluated: image.mean, image.contrast.',
          'Golden replays pass on every replica, and no replica differs.',
        ],
        remedy: { what: 'Look at what came, then evaluate on data that holds it.', command: 'plimsoll drift samples' },
      },
    ],
    signs: ['inputs-moved', 'outputs-moved'],
  },
  observed: [
    { what: 'golden replays', state: 'fine', found: 'pass on 2 replicas' },
    { what: 'random share', state: 'fine', found: 'no replica differs, over 4821 rows' },
    { what: 'inputs', state: 'off', found: 'left the reference: image.mean, image.contrast' },
    { what: 'outputs', state: 'off', found: 'left the reference: probabilities.class' },
    { what: 'labels', state: 'unknown', found: 'no verdict on quality' },
    { what: 'files', state: 'unknown', found: 'nobody looked at the files of replicas' },
    { what: 'nodes', state: 'unknown', found: 'no event of a node is known' },
    { what: 'changes', state: 'fine', found: 'none near' },
  ],
});

const outputAlarm = (nowMs: number): OpenAlarm => ({
  ...{ kind: 'group', name: 'probabilities', arm: 'digits-default-3f2a91c0d4e5-b2c4f1', statistic: 1.1, share: 0.4 },
  release: 5,
  atMs: nowMs - 6 * windowMs,
  sinceMs: nowMs - 2 * dayMs,
  moved: '',
  diagnosis: {
    verdict: 'abstains',
    why: 'golden replays are unknown on one replica, so that a faulty node cannot be told from other data',
    decides: [
      { observation: 'a golden replay of the replica that differs', command: 'plimsoll golden record' },
      { observation: '1,204 more rows of the random share', command: null },
    ],
    signs: ['replicas-differ'],
  },
  observed: [
    { what: 'golden replays', state: 'unknown', found: 'digits-default-3f2a91c0d4e5-b2c4f1: unknown' },
    { what: 'random share', state: 'off', found: 'replicas differ, over 4821 rows' },
  ],
});

function labelsReport(isWorse: boolean): NonNullable<LabelsStatus['report']> {
  return {
    withinMs: 6 * 3_600_000,
    cohortMs: 900_000,
    cohorts: 312,
    rows: { mature: 5_120, labelled: 4_198, late: 31, unusable: 0, otherRelease: 0 },
    completenessShare: 0.82,
    delays: {
      right: { labels: 3_960, medianMs: 2_700_000, p95Ms: 10_800_000 },
      wrong: { labels: 238, medianMs: 1_350_000, p95Ms: 5_400_000 },
      differs: true,
    },
    metrics: [
      {
        metric: 'accuracy',
        verdict: isWorse ? 'inconclusive' : 'pass',
        reason: 'the live risk is between 0.041 and 0.083; the limit is 0.06',
        live: isWorse ? { low: 0.041, high: 0.083 } : { low: 0.021, high: 0.044 },
        seen: { low: 0.03, high: 0.05 },
        evaluated: { low: 0.022, high: 0.04 },
        limit: 0.06,
        moreCohorts: isWorse ? 48 : 0,
      },
    ],
    asked: null,
    estimate: null,
    unknown: [{ metric: 'recall', reason: '`recall` is no mean of one bounded value for each row' }],
  };
}

const side = 28;

/** A ring in the colours of an inverted digit. */
function sampleAt(at: number, nowMs: number): DriftSample {
  const data = Array.from({ length: side * side }, (_, pixel) => {
    const far = Math.hypot((pixel % side) - 13.5, Math.floor(pixel / side) - 13.5);
    return Math.abs(far - 5 - (at % 4)) < 1.6 ? 0.05 : 1;
  });
  const request = JSON.stringify({ inputs: [{ name: 'image', shape: [1, side * side], datatype: 'FP32', data }] });
  return {
    requestId: `request-${at}`,
    atMs: nowMs - (40 - at) * 800,
    release: 5,
    replicaId: 'digits-default-3f2a91c0d4e5-b2c4f1',
    drawn: null,
    values: { 'image.mean': 0.87 - at / 1_000, 'probabilities.class': '8', 'probabilities.confidence': 0.61 },
    content: { request, response: '{}' },
  };
}
