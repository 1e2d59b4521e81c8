import { coreSteps } from '../units/next-steps/core-steps.ts';
import { nextStep } from '../units/next-steps/next-step.ts';
import { shortDigest, type Digest } from '../units/digest.ts';
import type { Axis, Bar, Deployment, Release, ReleasedGolden } from './release.ts';
import { pairDigest } from './names.ts';
import { isProvenPair, type ReleaseOutcome } from './outcome.ts';

export interface RollbackState {
  readonly releases: readonly Release[];
  readonly deployment: Deployment | null;
  readonly outcomes: ReadonlyMap<number, ReleaseOutcome>;
  readonly bars: readonly Bar[];
}

export interface RollbackRefusal {
  readonly code: 'nothing-to-roll-back' | 'unknown-release' | 'never-live' | 'same-digest' | 'barred';
  readonly message: string;
  readonly next: string;
}

export interface RollbackChoice {
  /** Release that is left: the incoming one where it moved this axis, else the live one. */
  readonly from: Release;
  /** Release whose digest comes back on this axis. */
  readonly to: Release;
  /** The pair that will run: only this axis moves. */
  readonly code: Release['code'];
  readonly model: Release['model'];
  readonly golden: ReleasedGolden | null;
  readonly pair: Release['pair'];
  readonly unprovenPair: boolean;
  /** Incoming release that this puts an end to. */
  readonly supersedes: number | null;
}

/**
 * What a rollback of one axis brings back. It is meant against what somebody just saw go wrong: a release on its way in
 * when that release moved the axis, else the live one (and then a release on its way in is put an end to).
 * Without `to` it is the newest earlier release that carried traffic with another, unbarred digest on the axis.
 */
export function chooseRollback(
  state: RollbackState,
  axis: Axis,
  to: number | undefined,
): { readonly choice: RollbackChoice } | { readonly refusal: RollbackRefusal } {
  const from = releaseToLeave(state, axis, to);
  if (from === null) {
    return refuse('nothing-to-roll-back', 'nothing is live yet, so there is nothing to roll back', 'plimsoll history');
  }
  const target = to === undefined ? defaultTarget(state, axis, from) : namedTarget(state, axis, from, to);
  return 'code' in target ? { refusal: target } : { choice: makeChoice(state, axis, from, target.release) };
}

/**
 * While a drill has the service at the version before, or was killed there, what somebody wants to leave is what the
 * drill left: unless that very one is named as where to go.
 */
function releaseToLeave(state: RollbackState, axis: Axis, to: number | undefined): Release | null {
  const find = (number: number | null | undefined): Release | null =>
    state.releases.find((release) => release.number === number) ?? null;
  const live = find(state.deployment?.live);
  const incoming = find(state.deployment?.incoming);
  const moved = incoming === null || incoming[axis].digest === live?.[axis].digest ? live : incoming;
  const seen = live === null ? null : moved;
  if (seen === null || !isDrillAway(seen)) return seen;
  const drilled = find(seen.cause.from);
  return drilled === null || find(to)?.[axis].digest === drilled[axis].digest ? seen : drilled;
}

/** A drill's way there, which is to come back. */
export function isDrillAway(
  release: Release,
): release is Release & { readonly cause: Extract<Release['cause'], { readonly kind: 'rollback' }> } {
  return release.cause.kind === 'rollback' && release.cause.drill === true;
}

function isBarred(state: RollbackState, axis: Axis, release: Release): Bar | undefined {
  return state.bars.find((bar) => bar.axis === axis && bar.digest === release[axis].digest);
}

function defaultTarget(state: RollbackState, axis: Axis, from: Release): { release: Release } | RollbackRefusal {
  const earlier = state.releases
    .filter((release) => release.number < from.number && state.outcomes.get(release.number) === 'was-live')
    .filter((release) => release[axis].digest !== from[axis].digest)
    .reverse();
  const free = earlier.find((release) => isBarred(state, axis, release) === undefined);
  if (free !== undefined) return { release: free };
  const barred = earlier[0];
  if (barred === undefined) {
    return {
      code: 'nothing-to-roll-back',
      message: `no earlier release that carried traffic has another ${axis} than release ${from.number}`,
      next: nextStep(coreSteps, 'nothing-to-roll-back'),
    };
  }
  return {
    code: 'barred',
    message: `every earlier ${axis} is barred; the newest is ${shortDigest(barred[axis].digest)} of release ${barred.number}`,
    next: liftCommand(axis, barred),
  };
}

function namedTarget(
  state: RollbackState,
  axis: Axis,
  from: Release,
  to: number,
): { release: Release } | RollbackRefusal {
  const release = state.releases.find((candidate) => candidate.number === to);
  if (release === undefined) {
    return {
      code: 'unknown-release',
      message: `there is no release ${to}`,
      next: nextStep(coreSteps, 'unknown-release'),
    };
  }
  if (state.outcomes.get(to) !== 'was-live') {
    return {
      code: 'never-live',
      message: `release ${to} never carried traffic, so it is nothing to roll back to`,
      next: nextStep(coreSteps, 'never-live'),
    };
  }
  if (release[axis].digest === from[axis].digest) {
    return {
      code: 'same-digest',
      message: `release ${to} has the same ${axis} as release ${from.number}`,
      next: nextStep(coreSteps, 'same-digest'),
    };
  }
  const bar = isBarred(state, axis, release);
  if (bar === undefined) return { release };
  return {
    code: 'barred',
    message: `the ${axis} of release ${to} is barred: ${bar.reason} (${bar.by})`,
    next: liftCommand(axis, release),
  };
}

export function liftCommand(axis: Axis, release: { readonly [axis in Axis]: { readonly digest: Digest } }): string {
  return `plimsoll release --lift-bar ${axis}:${shortDigest(release[axis].digest)} --reason TEXT`;
}

function makeChoice(state: RollbackState, axis: Axis, from: Release, to: Release): RollbackChoice {
  const code = axis === 'code' ? to.code : from.code;
  const model = axis === 'model' ? to.model : from.model;
  const pair = pairDigest(code, model);
  const ran = [...state.releases]
    .reverse()
    .find((release) => release.pair === pair && state.outcomes.get(release.number) === 'was-live');
  const incoming = state.deployment?.incoming ?? null;
  return {
    from,
    to,
    code,
    model,
    golden: goldenFor(axis, from, to, ran),
    pair,
    unprovenPair: !isProvenPair(pair, state.releases, state.outcomes),
    supersedes: incoming,
  };
}

/** The golden set that the pair ran on; for a pair that never ran, the one that was recorded for the model. */
function goldenFor(axis: Axis, from: Release, to: Release, ran: Release | undefined): ReleasedGolden | null {
  if (ran !== undefined) return ran.golden;
  return axis === 'model' ? to.golden : from.golden;
}

function refuse(code: RollbackRefusal['code'], message: string, next: string): { refusal: RollbackRefusal } {
  return { refusal: { code, message, next } };
}
