import type { Cause, Experiment } from '../cause.ts';
import { decideFinding, formatEffect } from '../finding/decide-finding.ts';
import type { EffectInterval } from '../finding/effect.ts';
import type { ExperimentOutcome, Finding, TriedExperiment } from '../finding/finding.ts';
import { judgeEffect } from '../finding/judge-experiment.ts';
import type { DiagnosisRecord, ToldExperiment } from './diagnosis-record.ts';
import { effectWords, readEffect, tellEffect, type ToldEffect } from './told-effect.ts';

/** What an accelerator costs for an hour; of a replica without one, what the replica does. */
export interface AcceleratorPrice {
  readonly perHour: number;
  /** ISO 4217. */
  readonly currency: string;
}

/** A finding as it is shown: each effect also in words. Fields as in `Finding`. */
export interface ToldFinding extends Pick<
  Finding,
  'verdict' | 'cause' | 'alsoFits' | 'likeliest' | 'deciding' | 'remedy'
> {
  readonly effect: ShownEffect | null;
  readonly alsoShown: readonly { readonly cause: Cause; readonly words: string }[];
  readonly cost: ToldCost | null;
  readonly gain: { readonly kind: 'as-measured' | 'at-most'; readonly words: string } | null;
  readonly experiments: readonly ShownExperiment[];
}

export interface ShownEffect extends ToldEffect {
  /** `42% more answers (at least 31%, at most 55%)`. */
  readonly words: string;
}

export interface ToldCost {
  readonly acceleratorSecondsPerHour: number;
  /** Null where no price is known. */
  readonly money: { readonly perHour: number; readonly currency: string } | null;
}

export interface ShownExperiment {
  readonly experiment: Experiment;
  readonly causes: readonly Cause[];
  readonly kind: ExperimentOutcome['kind'];
  /** The effect in words, or why it was not run. */
  readonly words: string;
  /** Null where it was not run. */
  readonly rounds: number | null;
  readonly notUndone: string | null;
}

/**
 * Decides the finding of a record, and says what it costs. An experiment is judged by the limits of its effect, whatever the one
 * who sent it thought of it.
 */
export function tellFinding(
  { suspected, experiments, accelerators, loadedShare }: DiagnosisRecord,
  price: AcceleratorPrice | null,
): ToldFinding {
  const tried = experiments.map(readExperiment);
  const pricePerHour = price?.perHour ?? null;
  const finding = decideFinding(suspected, tried, { accelerators, loadedShare, pricePerHour });
  const { verdict, cause, alsoFits, likeliest, deciding, remedy } = finding;
  return {
    ...{ verdict, cause, alsoFits, likeliest, deciding, remedy },
    effect: finding.effect === null ? null : showEffect(finding.effect),
    alsoShown: finding.alsoShown.map((each) => ({ cause: each.cause, words: formatEffect(each.effect) })),
    cost: tellCost(finding, price),
    gain: finding.gain === null ? null : { kind: finding.gain.kind, words: formatEffect(finding.gain) },
    experiments: experiments.map((told, at) => showExperiment(told, tried[at]?.outcome.kind ?? 'not-run')),
  };
}

function readExperiment({ outcome, ...told }: ToldExperiment): TriedExperiment {
  if ('notRun' in outcome) return { ...told, outcome: { kind: 'not-run', reason: outcome.notRun } };
  const effect = readEffect(outcome.effect);
  return { ...told, outcome: { kind: judgeEffect(effect), effect, rounds: outcome.rounds } };
}

function showExperiment({ outcome, ...told }: ToldExperiment, kind: ExperimentOutcome['kind']): ShownExperiment {
  if ('notRun' in outcome) return { ...told, kind, words: outcome.notRun, rounds: null };
  return { ...told, kind, words: effectWords(outcome.effect), rounds: outcome.rounds };
}

const showEffect = (effect: EffectInterval): ShownEffect => ({ ...tellEffect(effect), words: formatEffect(effect) });

function tellCost({ cost }: Finding, price: AcceleratorPrice | null): ToldCost | null {
  if (cost === null) return null;
  const { acceleratorSecondsPerHour, moneyPerHour } = cost;
  const money = price === null || moneyPerHour === null ? null : { perHour: moneyPerHour, currency: price.currency };
  return { acceleratorSecondsPerHour, money };
}
