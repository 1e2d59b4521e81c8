import { describe, expect, it } from 'vitest';
import type { CanaryOutcome, CanarySample, MetricJudgement } from '../../../src/core/rollout/judge/canary.ts';
import { readEvent, type StoredEvent } from '../../../src/core/records/event.ts';
import type { ReleaseSummary, RolloutView, ServiceView } from '../../../src/schemas/view/view.ts';
import { bandPath, estimatePath, judgeSeries } from './judge-series.ts';
import { endingOf, fateOf } from '../releases/release-story.ts';
import { withJudgement } from './rollout-samples.ts';
import { rolloutStory } from './rollout-story.ts';
import { steerOutcome } from './send-steer.ts';

const metric = (more: Partial<MetricJudgement> = {}): MetricJudgement => ({
  metric: 'errors',
  outcome: 'hold',
  live: 0.001,
  canary: 0.002,
  difference: { estimate: 0.001, low: -0.002, high: 0.004 },
  margin: 0.002,
  units: { live: 1_900, canary: 100 },
  reason: 'errors: not decided',
  ...more,
});

const sample = (
  step: number,
  atMs: number,
  metrics: readonly MetricJudgement[],
  outcome: CanaryOutcome = 'hold',
): CanarySample => ({
  service: 'digits',
  environment: 'default',
  release: 6,
  step,
  judgement: { outcome, atMs, elapsedMs: 0, metrics, coldUnits: { live: 0, canary: 0 }, reasons: [] },
});

let seq = 0;
const event = (kind: string, data: Record<string, unknown>, by = 'control-plane'): StoredEvent => {
  seq += 1;
  const summary = `${kind} ${seq}`;
  return readEvent({ seq, kind, service: 'digits', environment: 'default', summary, by, atMs: seq * 1000, data });
};
const newestFirst = (...events: readonly StoredEvent[]): readonly StoredEvent[] => [...events].reverse();

describe('the evidence of the judge as a drawing', () => {
  it('puts time across, and cuts an interval off at the edge of the axis', () => {
    const first = metric({ difference: { estimate: 0, low: -1, high: 1 } });
    const series = judgeSeries([sample(0, 1_000, [first]), sample(0, 3_000, [metric()])], 'errors');
    const points = series?.steps[0]?.points ?? [];
    expect(points.map(({ x }) => x)).toEqual([0, 1]);
    expect(points[0]).toMatchObject({ estimate: 0.5, low: 1, high: 0 });
    expect(points[1]?.high).toBeLessThan(points[1]?.estimate ?? 0);
    expect(series?.margin).toBeGreaterThan(0);
    expect(series?.margin).toBeLessThan(0.5);
  });
  it('begins anew with each step, and has nothing for a metric that nobody judged', () => {
    const samples = [sample(-1, 0, [metric()]), sample(0, 10, [metric()]), sample(0, 20, [metric()])];
    expect(judgeSeries(samples, 'errors')?.steps.map(({ step, points }) => [step, points.length])).toEqual([
      [-1, 1],
      [0, 2],
    ]);
    expect(judgeSeries(samples, 'labels')).toBeNull();
    expect(judgeSeries([], 'errors')).toBeNull();
  });
  it('draws an unbounded limit to the edge, and nothing where there is no difference yet', () => {
    const unbounded = metric({ metric: 'latency', margin: 0.1, difference: { estimate: 0.02, low: -0.1, high: null } });
    const none = metric({ metric: 'latency', margin: 0.1, difference: null });
    const points = judgeSeries([sample(0, 0, [none]), sample(0, 10, [unbounded])], 'latency')?.steps[0]?.points ?? [];
    expect(points.length).toBe(1);
    expect(points[0]?.high).toBe(0);
    expect(bandPath(points)).toMatch(/^M[\d. ]+L[\d. ]+Z$/);
    expect(estimatePath([])).toBe('');
  });
  it('keeps the margin inside, also when the estimate is far beyond it, and puts that of agreement below', () => {
    const far = metric({ difference: { estimate: 0.4, low: 0.3, high: 0.5 } });
    expect(judgeSeries([sample(0, 0, [far])], 'errors')?.margin).toBeLessThan(0.5);
    const agreement = metric({
      metric: 'agreement',
      margin: -0.01,
      difference: { estimate: -0.002, low: -0.01, high: 0 },
    });
    expect(judgeSeries([sample(-1, 0, [agreement])], 'agreement')).toMatchObject({ worseIsBelow: true });
    expect(judgeSeries([sample(-1, 0, [agreement])], 'agreement')?.margin).toBeGreaterThan(0.5);
  });
  it('thins thousands of samples, and keeps the last', () => {
    const many = Array.from({ length: 2_000 }, (_, index) => sample(0, index, [metric()]));
    const points = judgeSeries(many, 'errors')?.steps[0]?.points ?? [];
    expect(points.length).toBeLessThan(260);
    expect(points.at(-1)?.x).toBe(1);
  });
});

const rollout: RolloutView = {
  release: 6,
  against: 5,
  step: 0,
  steps: [0.05, 0.25, 1],
  shadowShare: 0.1,
  share: 0.05,
  startedAtMs: 0,
  elapsedMs: 0,
  atLeastMs: 60_000,
  withinMs: 3_600_000,
  onInconclusive: 'hold',
  pause: null,
  promote: null,
  judgement: null,
};
const began = (step: number, share: number): StoredEvent =>
  event('rollout.step-began', {
    release: 6,
    against: 5,
    step,
    share,
    policy: { steps: 3, metrics: ['errors', 'labels'] },
  });

describe('the track of a rollout', () => {
  it('says where it stands, and what comes', () => {
    const story = rolloutStory(rollout, null, newestFirst(began(-1, 0), began(0, 0.05)));
    expect(story?.track.map(({ label, state }) => [label, state])).toEqual([
      ['shadow', 'passed'],
      ['5%', 'here'],
      ['25%', 'to-come'],
      ['100%', 'to-come'],
    ]);
    expect(story?.metrics).toEqual(['errors', 'latency', 'agreement', 'labels']);
  });
  it('tells from events where a release that is over was taken back, and how many steps it did not reach', () => {
    const failed = event('release.failed', { release: 6, reason: 'errors: 2% against 0.1%', judged: true });
    const history = newestFirst(began(-1, 0), began(0, 0.05), failed, event('release.failed', { release: 4 }));
    const story = rolloutStory(undefined, { rollout: null, release: 6, samples: [] }, history);
    expect(story?.track.map(({ label, state }) => [label, state])).toEqual([
      ['shadow', 'passed'],
      ['5%', 'left'],
      ['1 more', 'to-come'],
      ['100%', 'to-come'],
    ]);
    expect(story?.ending).toMatchObject({ kind: 'failed', judged: true, reason: 'errors: 2% against 0.1%' });
    expect(story?.events.map(({ kind }) => kind)).toEqual([
      'release.failed',
      'rollout.step-began',
      'rollout.step-began',
    ]);
  });
  it('is whole when the release went live, and counts a step that began anew once', () => {
    const history = newestFirst(
      began(0, 0.05),
      began(0, 0.05),
      event('release.live', { release: 6, reason: 'proven' }),
    );
    const story = rolloutStory(undefined, { rollout: null, release: 6, samples: [] }, history);
    expect(story?.track.map(({ label, state }) => [label, state])).toEqual([
      ['5%', 'passed'],
      ['100%', 'passed'],
    ]);
  });
  it('makes do with samples where the events are gone, and with nothing at all', () => {
    const samples = [sample(-1, 0, [metric()]), sample(0, 1, [metric()])];
    const story = rolloutStory(undefined, { rollout: null, release: 6, samples }, []);
    expect(story?.track.map(({ label }) => label)).toEqual(['shadow', 'step 1', '100%']);
    expect(story?.ending).toBeNull();
    expect(rolloutStory(undefined, null, [])).toBeNull();
    expect(rolloutStory(undefined, { rollout: null, release: null, samples: [] }, [])).toBeNull();
  });
});

const summary = (number: number, state: ReleaseSummary['state'], cause = 'release'): ReleaseSummary => ({
  number,
  code: { digest: 'c', label: 'c' },
  model: { name: 'digits', version: number, digest: String(number) },
  cause,
  unprovenPair: false,
  waived: [],
  createdAtMs: 0,
  createdBy: 'grace',
  state,
});

describe('why a release ended', () => {
  it('says what took it back: the judge, somebody, or its start', () => {
    const release = summary(6, 'failed');
    const judged = newestFirst(event('release.failed', { release: 6, reason: 'errors are up', judged: true }));
    expect(fateOf(release, [], judged)).toMatchObject({
      glyph: 'fail',
      text: 'taken back by the judge: errors are up',
    });
    const aborted = newestFirst(
      event('rollout.aborted', { release: 6 }, 'ada'),
      event('release.failed', { release: 6, reason: 'aborted by ada: too slow' }, 'ada'),
    );
    expect(fateOf(release, [], aborted)).toMatchObject({ text: 'aborted by ada: too slow', by: 'ada' });
    const facts = { release: 6, reason: 'aborted by ada: too slow', aborted: { by: 'ada', reason: 'too slow' } };
    expect(endingOf(6, [event('release.failed', facts, 'ada')])?.kind).toBe('aborted');
    const start = newestFirst(event('release.failed', { release: 6, reason: 'golden case 17' }));
    expect(fateOf(release, [], start)?.text).toBe('failed: golden case 17');
  });
  it('says which release came in its place, and that it was a rollback', () => {
    const history = newestFirst(
      event('release.live', { release: 5, left: 4 }),
      event('release.live', { release: 6, left: 5 }),
    );
    const back = summary(6, 'live', 'rollback of the model from release 5 to release 4: worse on sevens');
    const releases = [back, summary(5, 'warm'), summary(4, 'retired')];
    expect(fateOf(releases[1] ?? back, releases, history)).toMatchObject({
      glyph: 'fail',
      text: 'left for release 6, a rollback of the model from release 5 to release 4: worse on sevens',
      by: 'grace',
    });
    expect(fateOf(releases[2] ?? back, releases, history)).toMatchObject({ glyph: 'pass', text: 'left for release 5' });
    expect(fateOf(back, releases, history)).toBeNull();
  });
  it('says nothing where nothing is kept', () => {
    expect(fateOf(summary(3, 'retired'), [], [])).toBeNull();
    expect(endingOf(3, [])).toBeNull();
  });
});

describe('what is known of a rollout', () => {
  const view = { service: 'digits', environment: 'default', rollout } as unknown as ServiceView;
  const { judgement } = sample(0, 5_000, [metric()]);
  const judged = { ...view, rollout: { ...rollout, judgement } };
  it('grows by each new judgement, once', () => {
    const once = withJudgement(null, judged);
    expect(once?.samples.length).toBe(1);
    expect(withJudgement(once, judged)?.samples.length).toBe(1);
    const later = { ...judged, rollout: { ...rollout, judgement: { ...judgement, atMs: 6_000 } } };
    expect(withJudgement(once, later)?.samples.map((each) => each.judgement.atMs)).toEqual([5_000, 6_000]);
  });
  it('lets the samples of another release go, and keeps those of one that is over', () => {
    const known = { rollout: null, release: 4, samples: [sample(0, 1, [])] };
    expect(withJudgement(known, view)).toMatchObject({ release: 6, samples: [] });
    const { rollout: _rollout, ...over } = judged;
    expect(withJudgement(withJudgement(null, judged), over)).toMatchObject({ rollout: null, release: 6 });
  });
});

describe('what an order comes to', () => {
  it.each([
    [200, { summary: 'release 6 is paused' }, { done: true, summary: 'release 6 is paused' }],
    [
      409,
      { error: { message: 'is paused already', next: 'resume' } },
      { done: false, message: 'is paused already', next: 'resume' },
    ],
    [502, null, { done: false, message: 'the control plane answered with status 502', next: null }],
    [200, 'nonsense', { done: true, summary: 'done' }],
  ])('%d', (status, payload, expected) => expect(steerOutcome(status, payload)).toEqual(expected));
});
