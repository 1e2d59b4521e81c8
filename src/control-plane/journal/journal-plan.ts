import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { beginRelease, type BegunRelease } from '../../core/rollout/begin-release.ts';
import { planRollout } from '../../core/rollout/deployment/plan-rollout.ts';
import type { Bar, Deployment, Release } from '../../core/rollout/release.ts';
import { outcomesOf, type ReleaseOutcome } from '../../core/rollout/outcome.ts';
import { makeRollbackRelease, type RollbackRequest } from '../../core/rollout/rollback-release.ts';
import { chooseRollback } from '../../core/rollout/rollback-target.ts';
import type { RolloutState } from '../../core/rollout/deployment/rollout-state.ts';
import { digestOf } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { JournalEntry } from '../../ports/records/journal.ts';
import { refusalError } from '../operations/release/rollback.ts';

/** All that was known of the records when the store last answered, with what was journaled since. */
export interface KnownRecords {
  readonly state: RolloutState;
  readonly outcomes: ReadonlyMap<number, ReleaseOutcome>;
  readonly bars: readonly Bar[];
}

export interface PlannedRollback {
  readonly entry: JournalEntry;
  readonly release: Release;
  /** What is known once the entry stands. */
  readonly after: KnownRecords;
}

/**
 * A rollback decided from what is known, by the functions that decide it when the store answers. Only to replicas that
 * are admitted already: to start others would have to be recorded first.
 * @throws PlimsollError as a rollback, and `rollback-not-warm` (unavailable).
 */
export function planJournaledRollback(
  known: KnownRecords,
  request: RollbackRequest & { readonly by: string; readonly emergency: boolean },
): PlannedRollback {
  const { state } = known;
  const { service, environment, nowMs } = state;
  const { axis, reason, by, emergency } = request;
  const chosen = chooseRollback({ ...state, outcomes: known.outcomes, bars: known.bars }, axis, request.to);
  if ('refusal' in chosen) throw refusalError(request, chosen.refusal);
  const { choice } = chosen;
  const base = state.deployment;
  if (base === null) throw notWarm('nothing is live');
  const release: Release = {
    ...makeRollbackRelease(request, choice, by, nowMs),
    number: (state.releases.at(-1)?.number ?? 0) + 1,
  };
  const begun = beginRelease(release, {
    deployment: base,
    canary: state.canary,
    left: choice.from,
    staleEvidence: [],
    undrilled: false,
  });
  const deployment: Deployment = { ...begun.deployment, revision: base.revision + 1 };
  const beginning: RolloutState = {
    ...state,
    releases: [...state.releases, release],
    deployment,
    canary: begun.endsStep ? null : state.canary,
  };
  const plan = planRollout(beginning);
  if (choice.unprovenPair || plan.deployment?.live !== release.number || plan.routing === null) {
    throw notWarm(`no admitted replicas of the pair of release ${choice.to.number} run and answer`);
  }
  const facts = { service, environment, atMs: nowMs, by, emergency, axis, reason } as const;
  const entry: JournalEntry = {
    journalVersion: 2,
    id: digestOf({ ...facts, base: base.revision, release: release.number, generation: plan.routing.generation }),
    ...facts,
    ...(request.drill === true ? { drill: true } : {}),
    from: choice.from.number,
    to: choice.to.number,
    pair: choice.pair,
    release: release.number,
    made: release,
    baseRevision: base.revision,
    deployment: plan.deployment,
    routing: plan.routing,
    decisions: plan.decisions,
  };
  return { entry, release, after: afterEntry(known, entry, release, begun) };
}

/** One revision for the release that begins, and one for the flip: as the store counts them when it is carried over. */
function afterEntry(known: KnownRecords, entry: JournalEntry, release: Release, begun: BegunRelease): KnownRecords {
  return {
    state: {
      ...known.state,
      releases: [...known.state.releases, release],
      deployment: { ...entry.deployment, revision: entry.baseRevision + 2 },
      routing: entry.routing,
      canary: null,
    },
    outcomes: outcomesOf([...begun.events, ...entry.decisions], known.outcomes),
    bars: begun.bar === null ? known.bars : [...known.bars, begun.bar],
  };
}

function notWarm(why: string): PlimsollError {
  return new PlimsollError({
    code: 'rollback-not-warm',
    category: 'unavailable',
    message: `the store does not answer, and without it traffic moves only to what is warm: ${why}`,
    next: nextStep(controlPlaneSteps, 'rollback-not-warm'),
  });
}
