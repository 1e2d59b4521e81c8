import { judgeIncoming } from './incoming.ts';
import type { Deployment, Release } from './release.ts';
import { findRelease } from './routable.ts';
import type { RolloutDecision, RolloutState } from './rollout-state.ts';

type NextDeployment = Omit<Deployment, 'revision'>;

export interface DeploymentTransition {
  /** As it stands after the decisions; the same object when nothing moves. */
  readonly deployment: NextDeployment | null;
  readonly decisions: readonly RolloutDecision[];
}

/** Moves the deployment one step: brings the incoming release in or fails it, then lets an outlived previous one go. */
export function moveDeployment(state: RolloutState): DeploymentTransition {
  if (state.deployment === null) return { deployment: null, decisions: [] };
  const first = moveIncoming(state, state.deployment);
  const second = retirePrevious(state, first.deployment);
  return { deployment: second.deployment, decisions: [...first.decisions, ...second.decisions] };
}

function moveIncoming(
  state: RolloutState,
  deployment: Deployment,
): { deployment: NextDeployment; decisions: RolloutDecision[] } {
  // A deployment that steps waits for its gate; nothing in this version makes one step, and none decides a gate.
  if (deployment.incoming === null || deployment.phase === 'stepping') return { deployment, decisions: [] };
  const incoming = findRelease(state, deployment.incoming);
  if (incoming === null) {
    const reason = `release ${deployment.incoming} is not recorded`;
    return { deployment: failed(state, deployment, reason), decisions: [failure(deployment, reason)] };
  }
  const outcome = judgeIncoming(state, deployment, incoming);
  switch (outcome.outcome) {
    case 'wait':
      return { deployment, decisions: [] };
    case 'fail':
      return {
        deployment: failed(state, deployment, outcome.reason),
        decisions: [failure(deployment, outcome.reason)],
      };
    case 'flip':
      return flip(state, deployment, incoming, outcome.reason);
  }
}

function failed(state: RolloutState, deployment: Deployment, reason: string): NextDeployment {
  return {
    ...deployment,
    incoming: null,
    phase: 'failed',
    step: 0,
    // `incoming` is empty from now on, so that the number stands in the words.
    reason: `release ${deployment.incoming} failed: ${reason}`,
    changedAtMs: state.nowMs,
  };
}

function failure(deployment: Deployment, reason: string): RolloutDecision {
  const traffic = deployment.live === null ? 'nothing serves' : `traffic stays on release ${deployment.live}`;
  return {
    kind: 'release.failed',
    summary: `Release ${deployment.incoming} failed: ${reason}; ${traffic}`,
    data: { release: deployment.incoming, live: deployment.live, reason },
  };
}

function flip(
  state: RolloutState,
  deployment: Deployment,
  incoming: Release,
  reason: string,
): { deployment: NextDeployment; decisions: RolloutDecision[] } {
  const left = findRelease(state, deployment.live);
  const previous = keptAfterFlip(state, deployment, left, incoming);
  const decisions: RolloutDecision[] = [];
  if (incoming.steps.some((share) => share < 1)) {
    decisions.push({
      kind: 'rollout.steps-skipped',
      summary: `Release ${incoming.number} goes straight to 100%: rollout.steps is written, and no gate can decide a step in this version`,
      data: { release: incoming.number, steps: incoming.steps },
    });
  }
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
