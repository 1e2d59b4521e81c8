import { failedDeployment, type NextDeployment } from './deployment-transition.ts';
import { isStepOf, stepName } from '../judge/canary-step.ts';
import type { CanaryPause, CanaryRecord } from '../judge/canary.ts';
import type { Deployment, Release } from '../release.ts';
import type { RolloutDecision } from './rollout-state.ts';

export const steerActions = ['pause', 'resume', 'promote', 'abort'] as const;
export type SteerAction = (typeof steerActions)[number];

export interface SteerState {
  readonly deployment: Deployment | null;
  readonly canary: CanaryRecord | null;
  readonly incoming: Release | null;
}

export interface SteerRefusal {
  readonly code:
    'nothing-under-way' | 'another-release' | 'no-step-yet' | 'already-paused' | 'not-paused' | 'already-asked';
  readonly message: string;
  readonly next: string;
}

/** What an order changes. `canary` null: the step ends; undefined: it stays as it is. */
export interface Steered {
  readonly release: Release;
  readonly deployment?: NextDeployment;
  readonly canary?: Omit<CanaryRecord, 'revision'> | null;
  readonly decisions: readonly RolloutDecision[];
}

/**
 * What somebody's order does to the release that comes in.
 *
 * | order | needs | what follows |
 * |---|---|---|
 * | pause | a step that is not paused | its clock stands and nothing is promoted; a proven regression still goes back |
 * | resume | a paused step | its clock goes on where it stood |
 * | promote | a step | the next one begins in the next turn in which enough replicas are admitted, pause or not |
 * | abort | a release that comes in | it is taken back now; its digests are not barred, as nothing is proven against them |
 *
 * @param named release that the order is meant for; another one that comes in meanwhile is left alone.
 */
export function steer(
  action: SteerAction,
  state: SteerState,
  named: number | undefined,
  who: CanaryPause,
): { readonly steered: Steered } | { readonly refusal: SteerRefusal } {
  const { deployment, incoming, canary } = state;
  if (deployment === null || incoming === null) {
    return refuse('nothing-under-way', `there is nothing to ${action}: no release is coming in`, 'plimsoll status');
  }
  if (named !== undefined && named !== incoming.number) {
    const message = `release ${incoming.number} is under way, not release ${named}`;
    return refuse('another-release', message, 'plimsoll status');
  }
  if (action === 'abort') return { steered: abort(deployment, incoming, canary, who) };
  if (canary === null || !isStepOf(canary, deployment)) {
    const message = `release ${incoming.number} is ${deployment.phase} and in no step yet, so that there is nothing to ${action}`;
    return refuse('no-step-yet', message, 'plimsoll release --abort takes it back; plimsoll status shows it come in');
  }
  return steerStep(action, incoming, canary, who);
}

function steerStep(
  action: Exclude<SteerAction, 'abort'>,
  incoming: Release,
  canary: CanaryRecord,
  who: CanaryPause,
): { readonly steered: Steered } | { readonly refusal: SteerRefusal } {
  const { revision: _revision, ...record } = canary;
  const name = `release ${incoming.number} in ${stepName(incoming, canary.step)}`;
  const { pause, promote } = record;
  switch (action) {
    case 'pause':
      if (pause !== null) {
        const message = `${name} is paused already, by ${pause.by}: ${pause.reason}`;
        return refuse('already-paused', message, 'plimsoll release --resume');
      }
      return steered(
        incoming,
        { ...record, pause: who },
        {
          kind: 'rollout.paused',
          summary: `Paused ${name}: ${who.reason}`,
          by: who.by,
          data: steeredFacts(record, who),
        },
      );
    case 'resume':
      if (pause === null) return refuse('not-paused', `${name} is not paused`, 'plimsoll release --pause');
      return steered(
        incoming,
        {
          ...record,
          pause: null,
          pausedMs: record.pausedMs + Math.max(0, who.atMs - pause.atMs),
          lookedAtMs: who.atMs,
        },
        {
          kind: 'rollout.resumed',
          summary: `Resumed ${name}: ${who.reason}`,
          by: who.by,
          data: steeredFacts(record, who),
        },
      );
    case 'promote':
      if (promote !== null) {
        const message = `${name} was promoted by ${promote.by} already, and waits for its replicas`;
        return refuse('already-asked', message, 'plimsoll status');
      }
      // The event of a promotion is that of the turn which takes the step.
      return { steered: { release: incoming, canary: { ...record, promote: who }, decisions: [] } };
  }
}

function steered(
  release: Release,
  canary: Omit<CanaryRecord, 'revision'>,
  event: RolloutDecision,
): { readonly steered: Steered } {
  return { steered: { release, canary, decisions: [event] } };
}

function steeredFacts({ release, step, judgement }: Omit<CanaryRecord, 'revision'>, { reason }: CanaryPause) {
  return { release, step, reason, judgement };
}

function abort(deployment: Deployment, incoming: Release, canary: CanaryRecord | null, who: CanaryPause): Steered {
  const traffic = deployment.live === null ? 'nothing serves' : `traffic stays on release ${deployment.live}`;
  const where = isStepOf(canary, deployment) ? stepName(incoming, canary?.step ?? 0) : deployment.phase;
  const reason = `aborted by ${who.by}: ${who.reason}`;
  const data = {
    release: incoming.number,
    live: deployment.live,
    reason,
    step: canary?.step ?? null,
    judgement: canary?.judgement ?? null,
    aborted: { by: who.by, reason: who.reason },
  };
  return {
    release: incoming,
    deployment: failedDeployment(deployment, `release ${incoming.number} failed: ${reason}`, who.atMs),
    canary: null,
    decisions: [
      {
        kind: 'rollout.aborted',
        summary: `Release ${incoming.number} was taken back from ${where}: ${who.reason}`,
        by: who.by,
        data,
      },
      {
        kind: 'release.failed',
        summary: `Release ${incoming.number} failed: ${reason}; ${traffic}`,
        by: who.by,
        data,
      },
    ],
  };
}

function refuse(code: SteerRefusal['code'], message: string, next: string): { readonly refusal: SteerRefusal } {
  return { refusal: { code, message, next } };
}
