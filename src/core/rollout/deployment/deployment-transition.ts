import { shortDigest } from '../../units/digest.ts';
import { beginStep, isStepOf, judgedSteps, shadowStep, stepAfter, stepName, whyNoSteps } from '../judge/canary-step.ts';
import type { CanaryRecord } from '../judge/canary.ts';
import { judgeIncoming } from './incoming.ts';
import { liftCommand } from '../rollback-target.ts';
import type { Axis, Deployment, Release } from '../release.ts';
import { findRelease } from '../routing/routable.ts';
import type { CanaryChange, PlannedBar, RolloutDecision, RolloutState } from './rollout-state.ts';
import { decideStep } from './step-outcome.ts';

export type NextDeployment = Omit<Deployment, 'revision'>;

export interface DeploymentTransition {
  /** As it stands after the decisions; the same object when nothing moves. */
  readonly deployment: NextDeployment | null;
  readonly canary: CanaryChange | null;
  readonly bars: readonly PlannedBar[];
  readonly decisions: readonly RolloutDecision[];
}

interface Move extends DeploymentTransition {
  readonly deployment: NextDeployment;
}

/**
 * Moves the deployment one step: brings the incoming release in, a step further or out, then lets an outlived previous
 * one go.
 */
export function moveDeployment(state: RolloutState): DeploymentTransition {
  const { deployment } = state;
  if (deployment === null) return { deployment, canary: null, bars: [], decisions: [] };
  const first = moveIncoming(state, deployment);
  const second = retirePrevious(state, first.deployment);
  return { ...first, deployment: second.deployment, decisions: [...first.decisions, ...second.decisions] };
}

function moveIncoming(state: RolloutState, deployment: Deployment): Move {
  if (deployment.incoming === null) {
    // A step without a release that comes in: left behind by an older record; nothing reads it.
    return { deployment, canary: state.canary === null ? null : { change: 'end' }, bars: [], decisions: [] };
  }
  const incoming = findRelease(state, deployment.incoming);
  if (incoming === null) return fail(state, deployment, null, `release ${deployment.incoming} is not recorded`, false);
  if (deployment.phase === 'stepping' || deployment.phase === 'shadowing') return moveStep(state, deployment, incoming);
  const outcome = judgeIncoming(state, deployment, incoming);
  switch (outcome.outcome) {
    case 'wait':
      return { deployment, canary: null, bars: [], decisions: [] };
    case 'fail':
      return fail(state, deployment, incoming, outcome.reason, false);
    case 'flip': {
      const live = findRelease(state, deployment.live);
      const [first] = judgedSteps(incoming);
      const noSteps = whyNoSteps(incoming, live);
      if (noSteps === null && live !== null && first !== undefined) {
        return enterStep(state, deployment, incoming, live, first, outcome.reason);
      }
      const skipped = judgedSteps(incoming).length > 0 ? `; straight to 100%: ${noSteps}` : '';
      return flip(state, deployment, incoming, `${outcome.reason}${skipped}`);
    }
  }
}

function moveStep(state: RolloutState, deployment: Deployment, incoming: Release): Move {
  const live = findRelease(state, deployment.live);
  const record = state.canary;
  if (live === null) return fail(state, deployment, incoming, `live release ${deployment.live} is not recorded`, false);
  if (record === null || !isStepOf(record, deployment)) {
    const step = deployment.phase === 'shadowing' ? shadowStep : deployment.step;
    return enterStep(state, deployment, incoming, live, step, 'its record was lost, so that it begins anew');
  }
  // A start timeout is that of a start; a step has a limit of its own.
  const replicas = judgeIncoming(state, { ...deployment, changedAtMs: state.nowMs }, incoming);
  const outcome = decideStep(replicas, record, incoming);
  switch (outcome.outcome) {
    case 'wait':
      return { deployment, canary: null, bars: [], decisions: [] };
    case 'fail':
      return fail(state, deployment, incoming, outcome.reason, outcome.judged);
    case 'promote':
      return promote(state, deployment, incoming, live, record, outcome);
  }
}

function promote(
  state: RolloutState,
  deployment: Deployment,
  incoming: Release,
  live: Release,
  record: CanaryRecord,
  { reason, by }: { readonly reason: string; readonly by: string | null },
): Move {
  const next = stepAfter(incoming, record.step);
  const to = next === null ? 'all of the traffic' : stepName(incoming, next);
  const promoted: RolloutDecision = {
    kind: 'rollout.promoted',
    summary: `Release ${incoming.number} goes from ${stepName(incoming, record.step)} to ${to}: ${reason}`,
    ...(by === null ? {} : { by }),
    data: { release: incoming.number, step: record.step, next, reason, judgement: record.judgement },
  };
  const move =
    next === null
      ? flip(state, deployment, incoming, reason)
      : enterStep(state, deployment, incoming, live, next, reason);
  return { ...move, decisions: [promoted, ...move.decisions] };
}

function enterStep(
  state: RolloutState,
  deployment: Deployment,
  incoming: Release,
  live: Release,
  step: number,
  reason: string,
): Move {
  const name = stepName(incoming, step);
  const isShadow = step === shadowStep;
  const record = beginStep(incoming, live.number, step, state.nowMs);
  return {
    deployment: {
      ...deployment,
      phase: isShadow ? 'shadowing' : 'stepping',
      step: Math.max(0, step),
      reason: `release ${incoming.number} is in ${name}`,
      changedAtMs: state.nowMs,
    },
    canary: { change: 'begin', record },
    bars: [],
    decisions: [
      {
        kind: 'rollout.step-began',
        summary: `Release ${incoming.number} is in ${name}, judged against release ${live.number}: ${reason}`,
        data: {
          release: incoming.number,
          against: live.number,
          step,
          share: isShadow ? 0 : (incoming.steps[step] ?? 1),
          reason,
          policy: record.policy,
        },
      },
    ],
  };
}

function fail(
  state: RolloutState,
  deployment: Deployment,
  incoming: Release | null,
  reason: string,
  judged: boolean,
): Move {
  const record = isStepOf(state.canary, deployment) ? state.canary : null;
  const bars = incoming !== null && judged ? barsOf(incoming, findRelease(state, deployment.live), reason) : [];
  const traffic = deployment.live === null ? 'nothing serves' : `traffic stays on release ${deployment.live}`;
  return {
    deployment: failedDeployment(deployment, `release ${deployment.incoming} failed: ${reason}`, state.nowMs),
    canary: state.canary === null ? null : { change: 'end' },
    bars,
    decisions: [
      {
        kind: 'release.failed',
        summary: `Release ${deployment.incoming} failed: ${reason}; ${traffic}`,
        data: {
          release: deployment.incoming,
          live: deployment.live,
          reason,
          ...(record === null ? {} : { step: record.step, judged, judgement: record.judgement }),
        },
      },
      ...bars.map((bar): RolloutDecision => ({
        kind: 'bar.added',
        summary: `${bar.axis} ${shortDigest(bar.digest)} is barred: ${bar.reason}`,
        data: {
          axis: bar.axis,
          digest: bar.digest,
          release: deployment.incoming,
          reason: bar.reason,
          ...(incoming === null ? {} : { lift: liftCommand(bar.axis, incoming) }),
        },
      })),
    ],
  };
}

/** Nothing comes in any more; `incoming` is empty from now on, so that the number stands in the words. */
export function failedDeployment(deployment: Deployment, reason: string, nowMs: number): NextDeployment {
  const { revision: _revision, ...rest } = deployment;
  return { ...rest, incoming: null, phase: 'failed', step: 0, reason, changedAtMs: nowMs };
}

/**
 * The digests that the failed release brought. One that the live release has as well is none of them, and where both axes
 * moved nobody knows which it was: then each is barred.
 */
export function barsOf(incoming: Release, live: Release | null, reason: string): readonly PlannedBar[] {
  const axes: readonly Axis[] = ['code', 'model'];
  return axes
    .filter((axis) => live !== null && incoming[axis].digest !== live[axis].digest)
    .map((axis) => ({
      axis,
      digest: incoming[axis].digest,
      reason: `release ${incoming.number} was rolled back: ${reason}`,
    }));
}

function flip(state: RolloutState, deployment: Deployment, incoming: Release, reason: string): Move {
  const left = findRelease(state, deployment.live);
  const previous = keptAfterFlip(state, deployment, left, incoming);
  const decisions: RolloutDecision[] = [];
  const kept =
    previous === null || previous.release !== left?.number
      ? ''
      : `; release ${left.number} is kept warm for ${Math.round(incoming.keepPreviousMs / 1000)} s`;
  decisions.push({
    kind: 'release.live',
    summary: `Release ${incoming.number} is live: ${reason}${kept}`,
    data: { release: incoming.number, left: left?.number ?? null, previous, reason },
  });
  const dropped = deployment.previous;
  if (dropped !== null && previous?.release !== dropped.release) {
    const adopted = findRelease(state, dropped.release)?.pair === incoming.pair;
    decisions.push({
      kind: 'release.retired',
      summary: adopted
        ? `Release ${dropped.release} is not kept any more: release ${incoming.number} took over its warm replicas`
        : `Release ${dropped.release} is not kept any more: release ${previous?.release ?? incoming.number} takes its place`,
      data: { release: dropped.release, reason: adopted ? 'adopted' : 'displaced' },
    });
  }
  return {
    deployment: {
      ...deployment,
      live: incoming.number,
      incoming: null,
      phase: 'live',
      step: 0,
      previous,
      reason: `release ${incoming.number}: ${reason}`,
      changedAtMs: state.nowMs,
    },
    canary: state.canary === null ? null : { change: 'end' },
    bars: [],
    decisions,
  };
}

/**
 * The release that was left is the one to come back to. One of the very same pair is nothing to come back to: then
 * whatever was kept stays kept, unless it is that pair too.
 */
function keptAfterFlip(
  state: RolloutState,
  deployment: Deployment,
  left: Release | null,
  incoming: Release,
): Deployment['previous'] {
  if (left !== null && left.pair !== incoming.pair) {
    return { release: left.number, untilMs: state.nowMs + incoming.keepPreviousMs };
  }
  const kept = deployment.previous;
  return kept === null || findRelease(state, kept.release)?.pair === incoming.pair ? null : kept;
}

function retirePrevious(
  state: RolloutState,
  deployment: NextDeployment,
): { deployment: NextDeployment; decisions: RolloutDecision[] } {
  const previous = deployment.previous;
  if (previous === null || state.nowMs < previous.untilMs) return { deployment, decisions: [] };
  return {
    deployment: { ...deployment, previous: null },
    decisions: [
      {
        kind: 'release.retired',
        summary: `Release ${previous.release} is not kept any more: its time is over`,
        data: { release: previous.release, reason: 'expired' },
      },
    ],
  };
}
