import { lookAtStep, type GatewayCounts } from '../../core/rollout/judge/fold-counts.ts';
import type { CanaryRecord } from '../../core/rollout/judge/canary.ts';
import { canaryOf, stepName } from '../../core/rollout/judge/canary-step.ts';
import { evidenceText } from '../../core/rollout/deployment/step-outcome.ts';
import type { Release } from '../../core/rollout/release.ts';
import type { RolloutPlan } from '../../core/rollout/deployment/rollout-state.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { StoreWriter } from '../../ports/records/store.ts';
import type { CanaryInbox } from '../signals/canary-inbox.ts';
import type { EventNews } from '../../core/records/event.ts';

/** The step as one turn found it, and with what was counted since. */
export interface LookedStep {
  readonly recorded: CanaryRecord | null;
  readonly looked: CanaryRecord | null;
  readonly counts: readonly GatewayCounts[];
  readonly events: readonly EventNews[];
}

export function lookAtCanary(
  recorded: CanaryRecord | null,
  releases: readonly Release[],
  inbox: CanaryInbox,
  nowMs: number,
): LookedStep {
  const counts = inbox.counts();
  if (recorded === null) return { recorded, looked: null, counts, events: [] };
  const looked = lookOrNull(recorded, counts, inbox, nowMs);
  if (looked === null) return { recorded, looked, counts, events: [] };
  if (looked === recorded) return { recorded, looked, counts: [], events: [] };
  inbox.takeLabels();
  return { recorded, looked, counts, events: makeJudgedEvents(recorded, looked, releases) };
}

/**
 * Null where the judge of this version cannot read the state of an earlier one: the step then begins anew. A step must not
 * keep a control plane from looking after what serves.
 */
function lookOrNull(
  recorded: CanaryRecord,
  counts: readonly GatewayCounts[],
  inbox: CanaryInbox,
  nowMs: number,
): CanaryRecord | null {
  try {
    return lookAtStep(recorded, counts, inbox.labels(), nowMs);
  } catch (thrown) {
    if (thrown instanceof PlimsollError && unreadable.has(thrown.code)) return null;
    throw thrown;
  }
}

const unreadable = new Set(['canary-state-unknown', 'canary-policy-moved']);

/** One event for each change of what the judge says; that nothing is decided yet is no news at first. */
function makeJudgedEvents(before: CanaryRecord, now: CanaryRecord, releases: readonly Release[]): LookedStep['events'] {
  const { judgement } = now;
  const said = before.judgement?.outcome ?? 'hold';
  const release = releases.find((candidate) => candidate.number === now.release);
  if (judgement === null || release === undefined) return [];
  const data = { release: now.release, against: now.against, step: now.step, before: said, judgement };
  const inStep = `release ${now.release} in ${stepName(release, now.step)}`;
  if (judgement.held !== undefined && before.judgement?.held === undefined) {
    return [{ kind: 'rollout.judged', summary: `The judge holds ${inStep}: ${judgement.held}`, data }];
  }
  if (judgement.outcome === said) return [];
  const next =
    judgement.outcome === 'inconclusive' && canaryOf(release).judge.onInconclusive === 'hold'
      ? '; it stays in this step until plimsoll release --promote or --abort'
      : '';
  return [
    {
      kind: 'rollout.judged',
      summary: `The judge says ${judgement.outcome} of ${inStep} (before: ${said}): ${evidenceText(judgement)}${next}`,
      data,
    },
  ];
}

/** How often a point of the evidence is kept; longer where steps are long, so that what a store keeps of a release covers it. */
function sampleEveryMs({ policy }: CanaryRecord): number {
  return Math.max(5_000, (policy.timeLimitMs * policy.steps) / 1_000);
}

/** Writes the step of a turn, and, now and then and at each decision, a sample. Returns when it last wrote one. */
export async function recordCanary(
  tx: StoreWriter,
  { recorded, looked, events }: LookedStep,
  plan: RolloutPlan,
  sampledMs: number,
  nowMs: number,
): Promise<number> {
  const present = recorded === null ? null : await tx.canary(recorded.service, recorded.environment);
  if ((present?.revision ?? null) !== (recorded?.revision ?? null)) throw stepMoved();
  if (plan.canary?.change === 'begin') await tx.setCanary(plan.canary.record, recorded?.revision ?? null);
  else if (plan.canary?.change === 'end' && recorded !== null) {
    await tx.endCanary(recorded.service, recorded.environment);
  } else if (looked !== null && looked !== recorded) await tx.setCanary(withoutRevision(looked), looked.revision);

  const { judgement } = looked ?? {};
  if (looked === null || judgement === null || judgement === undefined) return sampledMs;
  const decides = plan.canary !== null || events.length > 0;
  const due = looked !== recorded && Math.abs(nowMs - sampledMs) >= sampleEveryMs(looked);
  if (!decides && !due) return sampledMs;
  const { service, environment, release, step } = looked;
  await tx.addCanarySample({ service, environment, release, step, judgement });
  return nowMs;
}

function withoutRevision({ revision: _revision, ...record }: CanaryRecord): Omit<CanaryRecord, 'revision'> {
  return record;
}

/** Somebody paused, resumed or promoted while this turn was deciding: decide again. */
function stepMoved(): PlimsollError {
  return new PlimsollError({
    code: 'canary-moved',
    category: 'conflict',
    message: 'the step of the rollout moved while this turn was deciding',
  });
}
