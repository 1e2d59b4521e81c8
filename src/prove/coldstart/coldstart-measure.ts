import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { ColdStartSection } from '../../core/contract/contract.ts';
import { accountStart, phaseLabel } from '../../core/coldstart/start-account.ts';
import { judgeStarts } from '../../core/evidence/kinds/cold-start/cold-start-evidence.ts';
import type { MeasuredStart } from '../../core/evidence/kinds/cold-start/start-measurements.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { EndedStart } from './coldstart-start.ts';
import type { OneStart, TierStarter } from './coldstart-tiers.ts';
import type { ProvingPorts } from '../ports.ts';
import { waitProgress } from '../progress.ts';

export interface MeasuredStarts {
  readonly starts: readonly MeasuredStart[];
  readonly endedEarly: string | null;
}

const tellEveryMs = 1_000;

/**
 * One start after the other. The first is not counted: it shows that the pair starts at all, and brings what no tier speaks of
 * (the programs themselves) into the page cache. Ends early when no further start could make the whole start pass.
 * @throws PlimsollError `replica-failed`, `start-endless` when that first one does not become ready; `interrupted`.
 */
export async function measureStarts(
  context: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>,
  starter: TierStarter,
  question: Omit<OneStart, 'tell'>,
  wanted: number,
  budget: ColdStartSection | null,
): Promise<MeasuredStarts> {
  const { clock, signal, terminal } = context;
  const starts: MeasuredStart[] = [];
  const beganMs = clock.monotonicMs();
  let toldMs = beganMs;
  const say = (text: string): void => {
    if (clock.monotonicMs() - toldMs < tellEveryMs) return;
    toldMs = clock.monotonicMs();
    terminal.note(text);
  };
  const startOnce = (name: string): Promise<EndedStart> =>
    starter.start({ ...question, tell: waitProgress(context, `${name}:`, question.timeoutMs) });
  try {
    terminal.note(`measuring ${wanted} starts from ${starter.tier}, after one that is not counted`);
    requireReady(await startOnce('the first start'), question.timeoutMs);
    const countedMs = clock.monotonicMs();
    while (starts.length < wanted) {
      const { start, failure } = await startOnce(`start ${starts.length + 1} of ${wanted}`);
      starts.push(start);
      const leftMs = ((clock.monotonicMs() - countedMs) / starts.length) * (wanted - starts.length);
      if (failure !== null) terminal.note(`start ${starts.length} of ${wanted}: ${failure.message}`);
      else if (starts.length < wanted)
        say(`${startText(start, starts.length, wanted)}; about ${formatElapsed(leftMs)} left`);
      const lost = budget === null ? null : whyLost(starts, wanted, budget);
      if (lost !== null && starts.length < wanted) return { starts, endedEarly: lost };
    }
    return { starts, endedEarly: null };
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    throw interrupted(starts, wanted, starter.tier);
  }
}

function startText({ outcome, totalMs, phases }: MeasuredStart, number: number, wanted: number): string {
  if (outcome !== 'ready') return `start ${number} of ${wanted}: not ready after ${formatElapsed(totalMs)}`;
  const placed = phases.map((phase) => ({ ...phase, startMs: 0 }));
  const slowest = accountStart(placed, totalMs).phases.toSorted((a, b) => b.durationMs - a.durationMs)[0];
  const mostly =
    slowest === undefined ? '' : `, of which ${phaseLabel(slowest.phases)} ${formatElapsed(slowest.durationMs)}`;
  return `start ${number} of ${wanted}: ready after ${formatElapsed(totalMs)}${mostly}`;
}

/** Curtailed: with the rest of the starts as fast as can be, it would fail all the same. */
function whyLost(starts: readonly MeasuredStart[], wanted: number, budget: ColdStartSection): string | null {
  const best = Array.from(
    { length: wanted - starts.length },
    () => ({ totalMs: 0, outcome: 'ready', phases: [] }) as const,
  );
  const { verdict } = judgeStarts([...starts, ...best], { ...budget, phases: {} });
  return verdict === 'fail' ? `no further start could keep the budget after ${starts.length} of ${wanted}` : null;
}

function requireReady({ start, failure }: EndedStart, timeoutMs: number): void {
  if (failure !== null) throw failure;
  if (start.outcome === 'ready') return;
  throw new PlimsollError({
    code: 'start-endless',
    category: 'unavailable',
    message: `the first start was not ready after ${formatElapsed(timeoutMs)} and was ended; nothing was measured`,
    next: nextStep(proveSteps, 'start-endless'),
    details: { timeoutMs },
  });
}

function interrupted(starts: readonly MeasuredStart[], wanted: number, tier: string): PlimsollError {
  const times = starts.map(({ totalMs }) => totalMs).toSorted((a, b) => a - b);
  const middle = times[Math.floor((times.length - 1) / 2)];
  const said =
    middle === undefined
      ? 'before the first start was measured'
      : `after ${starts.length} of ${wanted} starts from ${tier} (median ${formatElapsed(middle)}, slowest ${formatElapsed(times.at(-1) ?? 0)})`;
  return new PlimsollError({
    code: 'interrupted',
    category: 'unavailable',
    message: `interrupted ${said}; nothing was recorded`,
    next: nextStep(proveSteps, 'interrupted'),
    details: { measured: starts.length, wanted, tier },
  });
}
