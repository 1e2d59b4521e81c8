import { InvalidArgumentError } from 'commander';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { StartDiagnosis } from '../../core/diagnosis/coldstart/diagnose-start.ts';
import { diagnoseMeasuredStart } from '../../core/diagnosis/coldstart/measured-start.ts';
import type { Observation } from '../../core/diagnosis/report/diagnosis-record.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { RequestKind } from '../../prove/diagnosis/load-ablation.ts';
import {
  diagnosisMetricNames,
  observe,
  type ObservedService,
  type ObservePorts,
} from '../../prove/diagnosis/observe.ts';
import { undoLeftovers } from '../../prove/diagnosis/undo-leftovers.ts';
import { startLoad } from '../../prove/diagnosis/make-load.ts';
import type { ReplicaView } from '../../schemas/view/view.ts';
import type { CliCommand, CommandInput } from '../command.ts';
import { exitOf, findingOf } from './conclude.ts';
import type { DiagnoseReport } from './diagnose-report.ts';
import { diagnoseText } from './diagnose-text.ts';
import { openExperiments, type DiagnoseChoices } from './experiments.ts';
import { chooseService } from './chosen-service.ts';
import { recordOnControlPlane } from './record-diagnosis.ts';

/** All of it ends within this time. */
const atMostMs = 60_000;
/** Kept for looks, undoing and text. */
const marginMs = 4_000;
const [secondsAtLeast, secondsAtMost] = [1, 15];
const concurrencyAtMost = 256;

const wholeNumber =
  (atLeast: number, most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= atLeast && value <= most) return value;
    throw new InvalidArgumentError(`It is a whole number from ${atLeast} to ${most}.`);
  };

export const command: CliCommand = {
  configure(diagnose) {
    diagnose
      .argument('[service]', 'a service of the control plane; that of the contract when not given')
      .option('--node', 'this node alone, whatever serves on it')
      .option('--seconds <n>', 'time between the two looks', wholeNumber(secondsAtLeast, secondsAtMost), 8)
      .option('--load', 'send made-up requests while it looks, and measure experiments by them')
      .option('--concurrency <n>', 'with --load: requests under way', wholeNumber(1, concurrencyAtMost), 8)
      .option('--replica <id>', 'the replica that experiments run on; the first one of this node when not given')
      .option('--live', 'run experiments on a replica that serves clients');
  },
  examples: [
    ['plimsoll diagnose', 'where the time of requests goes, and what starves the accelerator'],
    ['plimsoll diagnose --load --live', 'the same under a load of its own, with experiments that show the cause'],
    ['plimsoll diagnose --node --seconds 5', 'this node alone: processors, memory, disks, network, accelerators'],
  ],
  async run(context, input) {
    const beganMs = context.clock.monotonicMs();
    const choices = choicesOf(input);
    const chosen = choices.isNode ? null : await chooseService(context, input.args[0], choices.replica);
    const undone = chosen === null ? [] : await undoLeftovers(await context.undoPorts());
    for (const { text } of undone) context.terminal.note(text);
    const metrics = await context.metricsSource({ prometheus: '', names: diagnosisMetricNames });
    try {
      const parts = { clock: context.clock, signal: context.signal, node: await context.nodeReadings(), metrics };
      const experiments = chosen === null ? null : await openExperiments(context, chosen, choices, parts);
      context.terminal.note(`looking for ${choices.windowMs / 1_000} s`);
      const kind = choices.isLoad ? (experiments?.kind ?? null) : null;
      const observation = await observeUnderLoad(parts, chosen?.observed ?? null, kind, choices);
      const leftMs = atMostMs - marginMs - (context.clock.monotonicMs() - beganMs);
      const finding = await findingOf(observation, experiments, leftMs, context.terminal.note);
      const report: DiagnoseReport = {
        service: chosen?.observed ?? null,
        ...observation,
        finding,
        price: chosen?.price ?? null,
        start: startOf(chosen?.looked ?? null, observation.window),
      };
      if (chosen !== null) await recordOnControlPlane(context, chosen, report);
      return { exit: exitOf(finding), json: report, text: diagnoseText(report, context.terminal.colour) };
    } finally {
      await metrics.close();
    }
  },
};

async function observeUnderLoad(
  parts: ObservePorts,
  observed: ObservedService | null,
  kind: (() => RequestKind) | null,
  { windowMs, concurrency }: DiagnoseChoices,
): Promise<Observation> {
  if (kind === null) return observe(parts, observed, windowMs);
  const load = startLoad(parts, kind, concurrency, atMostMs);
  try {
    // Connections and caches of the first requests are no part of the window.
    await parts.clock.sleep(Math.min(1_000, windowMs / 4), parts.signal);
    return await observe(parts, observed, windowMs, { pid: process.pid, readings: () => load.generator() });
  } finally {
    await load.stop();
  }
}

function startOf(
  replica: ReplicaView | null,
  { measured }: Pick<Observation['window'], 'measured'>,
): StartDiagnosis | null {
  if (replica?.readyAtMs === null || replica === null) return null;
  return diagnoseMeasuredStart(replica.phases, replica.readyAtMs - replica.startedAtMs, measured);
}

function choicesOf({ args, options }: CommandInput): DiagnoseChoices {
  const isNode = options['node'] === true;
  const isLoad = options['load'] === true;
  if (isNode && (isLoad || args[0] !== undefined)) {
    throw new PlimsollError({
      code: 'diagnose-node-alone',
      category: 'input',
      message: '--node looks at this node alone: it takes no service and no --load',
      next: nextStep(cliSteps, 'diagnose-node-alone'),
    });
  }
  return {
    isNode,
    isLoad,
    isLive: options['live'] === true,
    windowMs: Number(options['seconds']) * 1_000,
    concurrency: Number(options['concurrency']),
    replica: typeof options['replica'] === 'string' ? options['replica'] : null,
  };
}
