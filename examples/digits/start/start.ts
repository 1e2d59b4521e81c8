import { rmSync } from 'node:fs';
import path from 'node:path';
import { exitStatusOfVerdict } from '../../../src/cli/exit-status.ts';
import { exampleFolder } from '../cache.ts';
import { progressOn } from '../progress.ts';
import { bringIn, type LiveService } from './bring-in.ts';
import { CommandFailed } from './commands.ts';
import { faultsFolder } from './drift/drift-story.ts';
import { ownFolder } from './drift/own-folder.ts';
import { watchTraffic } from './drift/watched-traffic.ts';
import { interruptBySignals, type Interrupt } from './interrupt.ts';
import { latencyObjective } from './objective.ts';
import type { StartOptions } from './options.ts';
import { prepareService, type PreparedService } from './prepare-service.ts';
import { modelName } from './register.ts';
import { rollingStatus } from './rolling-status.ts';
import { reportRun, reportText, type RunReport } from './run-report.ts';
import { startUp, UpFailed, type RunningUp } from './running-up.ts';
import { stepPrinter, type StepPrinter } from './step-printer.ts';
import { digitSender, sendGently, sendMany, type DigitSender } from './traffic.ts';
import { firstWorkspace } from './workspace.ts';

/** Requests of `--once` that are on their way at a time. */
const concurrency = 4;
const monotonicMs = (): number => performance.now();

/** Runs all of `npm start`; resolves with its exit status. */
export async function start(options: StartOptions): Promise<number> {
  const progress = progressOn(process.stderr, monotonicMs);
  const out = options.json ? process.stderr : process.stdout;
  const write = (text: string): void => {
    progress.clear();
    out.write(text);
  };
  const interrupt = interruptBySignals(monotonicMs);
  try {
    const { exit, report } = await serve(options, stepPrinter(write, monotonicMs), progress, interrupt);
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    return exit;
  } catch (thrown) {
    progress.clear();
    if (interrupt.first.aborted) return 130;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    process.stderr.write(`${message}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify({ verdict: 'unknown', error: message }, null, 2)}\n`);
    return thrown instanceof CommandFailed || thrown instanceof UpFailed ? thrown.exit : 70;
  }
}

interface Running {
  readonly options: StartOptions;
  readonly stateFolder: string;
  readonly prepared: PreparedService;
  readonly up: RunningUp;
  readonly sender: DigitSender;
  readonly printer: StepPrinter;
  /** Aborted by Ctrl-C, and when `up` ends by itself. */
  readonly signal: AbortSignal;
  readonly firstAnswerMs: number;
}

interface Served {
  readonly exit: number;
  readonly report: RunReport | null;
}

async function serve(
  options: StartOptions,
  printer: StepPrinter,
  progress: ReturnType<typeof progressOn>,
  interrupt: Interrupt,
): Promise<Served> {
  const stateFolder = path.resolve(options.stateFolder ?? (await usualState(options)));
  // Only two can be compared; without that no cause but data is proven.
  const replicas = options.drift === 'node' || options.drift === 'labels' ? 2 : null;
  const prepared = await prepareService(stateFolder, printer, progress, interrupt.first, replicas);
  const up = await printer.step(
    'up',
    () => {
      const words = upWords(options, prepared.workspace.contract, stateFolder);
      return startUp(words, options.argv, stateFolder, interrupt.first, faultVariables(options, stateFolder));
    },
    ({ gatewayUrl, pageUrl }) => `gateway ready on ${gatewayUrl}, control plane on ${pageUrl}`,
  );
  const sender = digitSender(up.gatewayUrl, modelName, concurrency * 2);
  const signal = AbortSignal.any([interrupt.first, up.endedByItself]);
  let firstAnswerMs = 0;
  try {
    const live = await bringIn({
      pageUrl: up.pageUrl,
      stateFolder,
      contract: prepared.workspace.contract,
      evaluateAgain: prepared.workspace.isOtherModel,
      firstContract: () => firstWorkspace(prepared.models, stateFolder, printer.line),
      pinned: prepared.workspace.pinned,
      isOtherContract: replicas !== null,
      onLive: async () => {
        firstAnswerMs = await firstAnswer(prepared, printer, sender);
      },
      printer,
      signal,
    });
    const running: Running = { options, stateFolder, prepared, up, sender, printer, signal, firstAnswerMs };
    return options.once ? await sendOnce(running, live) : await sendUntilInterrupted(running);
  } finally {
    await sender.close();
    const exit = await printer.step(
      'stop',
      () => up.stop(interrupt.second),
      (ended) =>
        ended === 0 ? 'drained and stopped: nothing of it runs any more' : `\`plimsoll up\` ended with ${ended}`,
    );
    const isOwn = options.drift !== null && options.stateFolder === undefined;
    if (isOwn && exit === 0) rmSync(stateFolder, { recursive: true, force: true });
  }
}

/** What a cause of drift leaves behind, evidence that no longer holds, is nothing for the next plain start. */
const usualState = async ({ drift }: StartOptions): Promise<string> =>
  drift === null ? path.join(exampleFolder, '.plimsoll') : ownFolder(path.join(exampleFolder, '.cache', 'drift'));

/** Only a start that brings a fault about lets replicas have one. */
const faultVariables = ({ drift }: StartOptions, stateFolder: string): Readonly<Record<string, string>> =>
  drift === 'node' ? { PLIMSOLL_FAULTS: faultsFolder(stateFolder) } : {};

function upWords(options: StartOptions, contract: string, stateFolder: string): readonly string[] {
  return [
    ...['--contract', contract, '--state', stateFolder],
    ...(options.listen === undefined ? [] : ['--listen', options.listen]),
    ...(options.gatewayListen === undefined ? [] : ['--gateway-listen', options.gatewayListen]),
  ];
}

async function sendOnce(running: Running, live: LiveService): Promise<Served> {
  const { options, prepared, printer, sender, signal, firstAnswerMs } = running;
  const model = prepared.models.find(({ digest }) => digest === live.modelDigest);
  if (model === undefined) throw new Error(`release ${live.release} runs a model that was not trained here`);
  const rows = Array.from(
    { length: options.digits },
    (_, index) => prepared.holdout[index % prepared.holdout.length],
  ).filter((row) => row !== undefined);
  const startedMs = monotonicMs();
  const outcomes = await printer.step(
    'digits',
    () => sendMany(sender, rows, rows.length, concurrency, signal),
    (all) => `${all.length} holdout digits sent, ${concurrency} at a time`,
  );
  const tookMs = monotonicMs() - startedMs;
  signal.throwIfAborted();
  const objective = latencyObjective(prepared.workspace.contract);
  const steps = printer.phases;
  const report = await reportRun({ live, model, rows, outcomes, tookMs, firstAnswerMs, steps, objective });
  printer.line(reportText(report));
  return { exit: exitStatusOfVerdict(report.verdict), report };
}

async function sendUntilInterrupted(running: Running): Promise<Served> {
  const { options, prepared, printer, signal, up } = running;
  printer.line(
    [
      '',
      `  page     ${up.pageLink}`,
      `  gateway  ${up.gatewayUrl}/v2/models/${modelName}/infer`,
      '',
      `${options.perSecond} holdout digits a second flow through the gateway; Ctrl-C drains and stops all of it.`,
      '',
    ].join('\n'),
  );
  const status = rollingStatus(process.stdout, monotonicMs);
  const print = (text: string): void => {
    status.clear();
    printer.line(text);
  };
  const watched = watchTraffic({ ...running, drift: options.drift, monotonicMs, print });
  await Promise.all([
    sendGently(watched.sender, prepared.holdout, options.perSecond, status.add, signal),
    watched.done,
  ]);
  status.end();
  if (up.endedByItself.aborted) throw up.endedByItself.reason;
  return { exit: 0, report: null };
}

/** Sends one digit, and says how long after the start of this process its answer was there. */
async function firstAnswer({ holdout }: PreparedService, printer: StepPrinter, sender: DigitSender): Promise<number> {
  const [digit] = holdout;
  if (digit === undefined) throw new Error('there are no holdout digits');
  const outcome = await printer.step(
    'first answer',
    () => sender.send(digit),
    (answer) =>
      answer.ok
        ? `first digit answered by release ${answer.release}, ${(monotonicMs() / 1000).toFixed(1)} s after the start`
        : `the first digit was not answered: ${answer.error}`,
  );
  if (!outcome.ok) throw new Error(`the gateway does not answer: ${outcome.error}`);
  return monotonicMs();
}
