import type { Round } from '../../core/diagnosis/finding/effect.ts';
import { orderOfRound, type ExperimentPlan, type RoundOrder } from '../../core/diagnosis/finding/experiment-plan.ts';
import { isSettled, judgeRounds } from '../../core/diagnosis/finding/judge-experiment.ts';
import type { ExperimentOutcome } from '../../core/diagnosis/finding/finding.ts';
import type { Ablation } from '../../ports/nodes/ablation.ts';
import type { ProvingPorts } from '../ports.ts';
import type { Measure } from './measure.ts';

export interface ExperimentParts extends Pick<ProvingPorts, 'clock' | 'random'> {
  readonly measure: Measure;
  readonly ablation: Ablation;
  readonly plan: ExperimentPlan;
  /** On the monotonic clock: no round begins later. */
  readonly untilMs: number;
  /** Whether the process that is measured has ended. */
  isGone(): Promise<boolean>;
}

/**
 * Measures rounds of four blocks with and without the change until the planned number is reached, nothing more can come of them, or
 * the time is over.
 * The change is undone before it returns or rejects, whatever happened.
 */
export async function runRounds(parts: ExperimentParts, signal: AbortSignal): Promise<ExperimentOutcome> {
  const { plan, random, measure, isGone, clock, untilMs } = parts;
  const isOver = (): boolean => rounds.length > 0 && clock.monotonicMs() >= untilMs;
  const change = makeChange(parts);
  const rounds: Round[] = [];
  try {
    while (rounds.length < plan.rounds && !isSettled(rounds, plan) && !isOver()) {
      rounds.push(
        await runRound(orderOfRound(random.next()), async (isWith) => {
          await change.to(isWith, signal);
          return (await measure(plan.blockMs, signal)).value;
        }),
      );
      if (await isGone()) return { kind: 'not-run', reason: 'the process ended during the experiment' };
    }
  } catch (thrown) {
    signal.throwIfAborted();
    if (await isGone()) return { kind: 'not-run', reason: 'the process ended during the experiment' };
    return { kind: 'not-run', reason: thrown instanceof Error ? thrown.message : String(thrown) };
  } finally {
    await change.end();
  }
  return { ...judgeRounds(rounds, plan.level), rounds: rounds.length };
}

async function runRound(order: RoundOrder, block: (isWith: boolean) => Promise<number>): Promise<Round> {
  const [without, withChange]: [number[], number[]] = [[], []];
  for (const isWith of order) (isWith ? withChange : without).push(await block(isWith));
  const [a = 0, b = 0] = without;
  const [c = 0, d = 0] = withChange;
  return { without: [a, b], withChange: [c, d] };
}

/** Changes only between blocks that differ, and waits until the change is felt. */
function makeChange({ ablation, clock }: ExperimentParts) {
  let isWith = false;
  let isTouched = false;
  return {
    async to(wanted: boolean, signal: AbortSignal): Promise<void> {
      if (wanted === isWith) return;
      isTouched = true;
      if (wanted) await ablation.apply(signal);
      else await ablation.undo();
      isWith = wanted;
      await clock.sleep(ablation.settleMs, signal);
    },
    /** Undone also where applying failed half-way. */
    async end(): Promise<void> {
      if (isTouched) await ablation.undo();
      await ablation.leave?.();
    },
  };
}
