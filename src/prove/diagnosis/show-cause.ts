import type { Cause, Experiment } from '../../core/diagnosis/cause.ts';
import {
  decideFinding,
  groupByExperiment,
  isExplainedBy,
  orderForExperiments,
} from '../../core/diagnosis/finding/decide-finding.ts';
import {
  experimentsAtMost,
  nameLevelOf,
  planExperiment,
  shortestBlockMs,
} from '../../core/diagnosis/finding/experiment-plan.ts';
import type { ExperimentOutcome, ShowCause, TriedExperiment } from '../../core/diagnosis/finding/finding.ts';
import type { AcceleratorTerms } from '../../core/diagnosis/finding/starvation-cost.ts';
import type { Ablation, PrepareAblation } from '../../ports/nodes/ablation.ts';
import type { ProvingPorts } from '../ports.ts';
import type { Measure } from './measure.ts';
import { runRounds } from './run-experiment.ts';
import { undoLeftovers, type UndoPorts } from './undo-leftovers.ts';

/** Of the 60 s that `plimsoll diagnose` may take. */
export const experimentsTakeMs = 45_000;

export interface ShowCauseParts extends UndoPorts, Pick<ProvingPorts, 'clock' | 'random' | 'signal'> {
  readonly prepare: PrepareAblation;
  readonly measure: Measure;
  readonly target: { readonly pid: number; readonly identity: string };
  readonly terms: AcceleratorTerms;
  /** `spare` also for a drained replica: no request of a client reaches it. */
  readonly replica: 'spare' | 'live';
  /** `--live`: experiments may run on a replica that serves clients. */
  readonly isLiveAllowed: boolean;
  /** `experimentsTakeMs` unless given. */
  readonly atMostMs?: number;
}

/**
 * Makes the function that shows a cause: it runs the experiments of the suspicions, three at most, within 45 s. Those that would
 * explain others come first, then the stronger ones. Each is measured in interleaved rounds, and undone before the next one. What a killed program left is undone first.
 */
export function makeShowCause(parts: ShowCauseParts): ShowCause {
  return async (suspicions) => {
    await undoLeftovers(parts);
    const ordered = orderForExperiments(suspicions);
    const groups = groupByExperiment(ordered);
    const level = nameLevelOf(groups.length);
    const untilMs = parts.clock.monotonicMs() + (parts.atMostMs ?? experimentsTakeMs);
    const tried: TriedExperiment[] = [];
    let count = 0;
    for (const { experiment, causes } of groups) {
      const shown = tried.flatMap((each) => (each.outcome.kind === 'shown' ? each.causes.slice(0, 1) : []));
      if (isExplainedBy(causes, shown))
        tried.push(notRun(experiment, causes, `${shown.join(' and ')} explains the same signs`));
      else if (count === experimentsAtMost) {
        tried.push(notRun(experiment, causes, `only ${experimentsAtMost} experiments are run at a time`));
      } else {
        tried.push(await tryExperiment(parts, experiment, causes, { untilMs, level }));
        count += 1;
      }
    }
    return decideFinding(ordered, tried, parts.terms);
  };
}

async function tryExperiment(
  parts: ShowCauseParts,
  experiment: Experiment,
  causes: readonly Cause[],
  { untilMs, level }: { readonly untilMs: number; readonly level: number },
): Promise<TriedExperiment> {
  const { signal, replica, isLiveAllowed } = parts;
  if (replica === 'live' && !isLiveAllowed) {
    return notRun(experiment, causes, 'the replica serves clients: use a spare or drained replica, or --live');
  }
  signal.throwIfAborted();
  const prepared = await parts.prepare(experiment, signal).catch(reasonOf);
  if ('refused' in prepared) return notRun(experiment, causes, prepared.refused);
  const { answerMs } = await parts.measure(shortestBlockMs, signal);
  if (answerMs === Infinity) return notRun(experiment, causes, 'the replica gave no answer');
  const plan = planExperiment(untilMs - parts.clock.monotonicMs(), prepared.settleMs, answerMs, level);
  if (plan === null) return notRun(experiment, causes, 'too little time is left for enough rounds');
  const key = await openEntry(parts, experiment, prepared);
  if (key === 'taken') {
    return notRun(experiment, causes, 'another experiment on this process is under way, or could not be undone');
  }
  const run = {
    ...parts,
    ablation: prepared,
    plan,
    untilMs,
    isGone: () => parts.identity.isDead(parts.target.identity),
  };
  try {
    const outcome = await runRounds(run, signal);
    const notUndone = await closeEntry(parts, key, prepared);
    return { experiment, causes, outcome, notUndone };
  } catch (thrown) {
    const notUndone = await closeEntry(parts, key, prepared);
    signal.throwIfAborted();
    return { ...notRun(experiment, causes, reasonOf(thrown).refused), notUndone };
  }
}

/** Null: there is nothing to write down. */
async function openEntry(
  { journal, identity, clock, target }: ShowCauseParts,
  experiment: Experiment,
  { restoration }: Ablation,
): Promise<string | null | 'taken'> {
  if (restoration === null) return null;
  const entry = {
    format: 1,
    experiment,
    owner: identity.self(),
    target,
    beganAtMs: clock.nowMs(),
    restoration,
  } as const;
  return (await journal.open(entry)) ?? 'taken';
}

/**
 * Undoes once more and reads back, then takes the entry out. Where that fails the entry stays, and its sentence is returned: the
 * next command and the control plane try again once this program has ended.
 */
async function closeEntry(
  { journal, restore, identity, target }: ShowCauseParts,
  key: string | null,
  { restoration }: Ablation,
): Promise<string | null> {
  if (key === null || restoration === null) return null;
  const isGone = restoration.kind === 'affinity' && (await identity.isDead(target.identity));
  const outcome = isGone ? null : await restore(restoration);
  if (outcome?.kind === 'failed') return outcome.how;
  await journal.close(key);
  return null;
}

const notRun = (experiment: Experiment, causes: readonly Cause[], reason: string): TriedExperiment => {
  const outcome: ExperimentOutcome = { kind: 'not-run', reason };
  return { experiment, causes, outcome, notUndone: null };
};

const reasonOf = (thrown: unknown): { readonly refused: string } => ({
  refused: thrown instanceof Error ? thrown.message : String(thrown),
});
