import type { CanaryMetric } from '../../../src/core/rollout/judge/canary.ts';
import { canaryMetrics } from '../../../src/core/rollout/judge/canary.ts';
import type { EventOf, StoredEvent } from '../../../src/core/records/event.ts';
import type { RolloutAnswer } from '../../../src/schemas/http/release/http-rollout.ts';
import type { RolloutView } from '../../../src/schemas/view/view.ts';
import { formatStepShare } from '../parts/format.ts';
import { type Ending, endingOf, isAbout } from '../releases/release-story.ts';

/**
 * | state | meaning |
 * |---|---|
 * | passed | the release went on from it |
 * | here | traffic is at this share now |
 * | left | the release was taken back here |
 * | to-come | not reached (yet) |
 */
export interface TrackStep {
  readonly key: string;
  readonly label: string;
  readonly state: 'passed' | 'here' | 'left' | 'to-come';
  readonly beganAtMs: number | null;
}

/** One release on its way from the first share of the traffic to all of it, told from what was recorded. */
export interface RolloutStory {
  readonly release: number;
  readonly against: number | null;
  readonly track: readonly TrackStep[];
  readonly metrics: readonly CanaryMetric[];
  readonly ending: Ending | null;
  /** Newest first. */
  readonly events: readonly StoredEvent[];
}

interface Began {
  readonly step: number;
  readonly share: number;
  readonly atMs: number;
  readonly judgedSteps: number;
  readonly against: number;
  readonly metrics: readonly CanaryMetric[];
}

/**
 * @param history events of releases and rollouts, newest first.
 * @returns null where no release ever took steps.
 */
export function rolloutStory(
  rollout: RolloutView | undefined,
  answer: RolloutAnswer | null,
  history: readonly StoredEvent[],
): RolloutStory | null {
  const release = rollout?.release ?? answer?.release ?? null;
  if (release === null) return null;
  const events = history.filter((event) => isAbout(event, release) && kept.test(event.kind));
  const began = events.flatMap((event) => (event.kind === 'rollout.step-began' ? [beganOf(event)] : []));
  const ending = rollout === undefined ? endingOf(release, history) : null;
  return {
    release,
    against: rollout?.against ?? began[0]?.against ?? null,
    track: rollout === undefined ? pastTrack(began, ending, answer) : presentTrack(rollout, began),
    metrics: metricsOf(rollout, answer, began),
    ending,
    events,
  };
}

const kept = /^(rollout\.|release\.(created|live|failed|superseded)$)/;

function presentTrack(rollout: RolloutView, began: readonly Began[]): readonly TrackStep[] {
  const steps = rollout.steps.map((share, step) => ({ share, step }));
  const all = rollout.shadowShare > 0 ? [{ share: 0, step: -1 }, ...steps] : steps;
  return all.map(({ share, step }) => ({
    key: String(step),
    label: labelOf(share),
    state: step < rollout.step ? 'passed' : step === rollout.step ? 'here' : 'to-come',
    beganAtMs: began.find((each) => each.step === step)?.atMs ?? null,
  }));
}

/** A release that is over keeps no list of its steps: those that it reached are in the events, of the others their number. */
function pastTrack(began: readonly Began[], ending: Ending | null, answer: RolloutAnswer | null): readonly TrackStep[] {
  const wentLive = ending?.kind === 'live';
  const reached: readonly Pick<Began, 'step' | 'share' | 'atMs'>[] =
    began.length > 0 ? [...began].reverse() : reachedBySamples(answer);
  const last = reached.at(-1)?.step;
  const track = uniqueSteps(reached).map(({ step, share, atMs }): TrackStep => ({
    key: String(step),
    label: Number.isNaN(share) ? `step ${step + 1}` : labelOf(share),
    state: step === last && !wentLive ? 'left' : 'passed',
    beganAtMs: atMs,
  }));
  const missed = wentLive ? 0 : (began[0]?.judgedSteps ?? track.length) - track.length;
  const more: readonly TrackStep[] =
    missed > 0
      ? [
          {
            key: 'more',
            label: missed === 1 ? '1 more' : `${missed} more`,
            state: 'to-come',
            beganAtMs: null,
          },
        ]
      : [];
  const all: TrackStep = {
    key: 'all',
    label: '100%',
    state: wentLive ? 'passed' : 'to-come',
    beganAtMs: wentLive ? ending.atMs : null,
  };
  return [...track, ...more, all];
}

function reachedBySamples(answer: RolloutAnswer | null): readonly Pick<Began, 'step' | 'share' | 'atMs'>[] {
  const samples = answer?.samples ?? [];
  return [...new Set(samples.map(({ step }) => step))].map((step) => ({
    step,
    share: step < 0 ? 0 : Number.NaN,
    atMs: samples.find((sample) => sample.step === step)?.judgement.atMs ?? 0,
  }));
}

/** A step that began anew (its record was lost, or the live release moved under it) is one step. */
function uniqueSteps<T extends { readonly step: number }>(reached: readonly T[]): readonly T[] {
  return reached.filter(({ step }, index) => reached.findIndex((other) => other.step === step) === index);
}

const labelOf = (share: number): string => (share === 0 ? 'shadow' : formatStepShare(share));

function metricsOf(
  rollout: RolloutView | undefined,
  answer: RolloutAnswer | null,
  began: readonly Began[],
): readonly CanaryMetric[] {
  const judged = (answer?.samples ?? []).flatMap(({ judgement }) => judgement.metrics.map(({ metric }) => metric));
  const now = (rollout?.judgement?.metrics ?? []).map(({ metric }) => metric);
  const asked = began.flatMap(({ metrics }) => metrics);
  const shadow: readonly CanaryMetric[] = (rollout?.shadowShare ?? 0) > 0 ? ['agreement'] : [];
  const all = new Set<CanaryMetric>(['errors', 'latency', ...shadow, ...judged, ...now, ...asked]);
  return canaryMetrics.filter((metric) => all.has(metric));
}

/** Events are data of any age: what an older version did not write counts as not there. */
function beganOf({ atMs, data }: EventOf<'rollout.step-began'>): Began {
  const { step = 0, share = Number.NaN, against = 0, policy } = data;
  return {
    atMs,
    step,
    share,
    against,
    judgedSteps: policy?.steps ?? 1,
    metrics: canaryMetrics.filter((metric) => policy?.metrics.includes(metric) === true),
  };
}
