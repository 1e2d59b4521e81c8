import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { capacityObjective } from '../../core/contract/objective/capacity-objective.ts';
import type { Contract } from '../../core/contract/contract.ts';
import { fitCurve } from '../../core/capacity/fit-curve.ts';
import { pointsOf } from '../../core/capacity/measured-points.ts';
import { readCapacity } from '../../core/capacity/read-capacity.ts';
import { asksFor } from '../../core/evidence/asked-for.ts';
import { judgeCapacity } from '../../core/evidence/kinds/capacity/capacity-evidence.ts';
import { digestOfMix } from '../../core/evidence/kinds/capacity/request-mix.ts';
import type { SubjectDigests } from '../../core/evidence/subjects.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import { usualDurationMs, type DurationTerms } from '../../core/capacity/sustained/duration.ts';
import { fewestHorizons } from '../../core/capacity/sustained/candidates.ts';
import { defaults } from '../../core/contract/defaults.ts';
import type { CapacityMeasurements } from '../../core/evidence/kinds/capacity/capacity-measurements.ts';
import { formatDuration, formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { underWayAtMost } from '../../prove/capacity/open-loop.ts';
import { measureCapacity } from '../../prove/capacity/capacity-measure.ts';
import { chosenData } from '../../prove/capacity/capacity-requests.ts';
import { countsOfRequests, makeRequests } from '../../prove/capacity/mix/make-requests.ts';
import { readMix } from '../../prove/capacity/mix/read-mix.ts';
import { capacityText, type CapacityReport } from './capacity-text.ts';
import { foretell } from './foretell.ts';
import type { CliCommand } from '../command.ts';
import { addSigningOption } from '../signing-option.ts';
import type { CliContext } from '../context.ts';
import { exitStatusOfVerdict } from '../exit-status.ts';
import { beginMeasuringHere } from '../../prove/evidence/measuring.ts';
import { recordEvidence } from '../../prove/evidence/record-evidence.ts';
import { pinnedInStep, pinnedModel, storeCode } from '../../prove/subjects/released-subjects.ts';
import { withTemporaryReplica } from '../../prove/replica/temporary-replica.ts';

const defaultLevels = '1,2,4,8,16,32,64';
const defaultSeconds = '3';
const secondsAtMost = 600;
const quickSeconds = '1';
/** `--quick` runs horizons of this share of those that the contract asks for, and of a second at least. */
const quickShare = 1 / 20;
const quickLeastMs = 1_000;
const horizonsAtMost = 200;

export const command: CliCommand = {
  configure(program) {
    addSigningOption(program)
      .option('--concurrency <list>', 'requests under way at once, level by level; 1 is always measured', defaultLevels)
      .option('--seconds <s>', `how long each level is measured, warm-up left out (default: ${defaultSeconds})`)
      .option('--horizons <n>', 'horizons that the lower limit rests on, at least', String(fewestHorizons))
      .option('--quick', 'horizons of a twentieth of their length: a first look, which passes nothing')
      .option('--mix <mix>', 'sizes of the requests: a text, the file of a trace, or `captures` of the live service')
      .option('--foretell', 'tell the rate of --mix from the evidence that is there, and measure nothing')
      .option('--data <name>', 'rows that requests are made of; else the golden set, else the evaluation dataset');
  },
  examples: [
    ['plimsoll capacity', 'measures one replica of what the lock pins, and records the evidence that scaling rests on'],
    ['plimsoll capacity --quick', 'a first look in about four minutes; it is inconclusive'],
    ['plimsoll capacity --concurrency 1,2,4 --seconds 30', 'longer, for a slow model or a strict quantile'],
    [
      `plimsoll capacity --mix 'tokens-in=lognormal(512,0.8),tokens-out=choice(64:0.7,512:0.3)'`,
      'for requests of stated sizes; a trace or `captures` stand in the place of the text',
    ],
    ['plimsoll capacity --data prompts --json', 'with rows of your own; the measured points as JSON'],
  ],
  async run(context, { options, json }) {
    if (options['foretell'] === true) return foretell(context, options['mix'] as string | undefined);
    const report = await capacity(context, {
      levels: levelsOption(options['concurrency']),
      measureMs:
        secondsOption(options['seconds'] ?? (options['quick'] === true ? quickSeconds : defaultSeconds)) * 1_000,
      horizons: horizonsOption(options['horizons']),
      isQuick: options['quick'] === true,
      dataName: options['data'] as string | undefined,
      mixText: options['mix'] as string | undefined,
    });
    const text = json ? '' : capacityText(report, context.terminal.colour);
    return { exit: exitStatusOfVerdict(report.verdict), json: report, text };
  },
};

interface CapacityOptions {
  readonly levels: readonly number[];
  readonly measureMs: number;
  readonly horizons: number;
  readonly isQuick: boolean;
  readonly dataName: string | undefined;
  /** `--mix`. */
  readonly mixText: string | undefined;
}

async function capacity(
  context: CliContext,
  { levels, measureMs, horizons, isQuick, dataName, mixText }: CapacityOptions,
): Promise<CapacityReport> {
  const [project, environment, store, blobs, client] = await Promise.all([
    context.project(),
    context.environment(),
    context.store(),
    context.blobs(),
    context.replicaClient(underWayAtMost),
  ]);
  const loaded = await project.contract();
  const { contract } = loaded;
  const { locked } = await pinnedInStep(project, loaded, environment);
  const measuring = await beginMeasuringHere(context, project, loaded, environment, locked);
  const model = await pinnedModel(store, environment, locked.model);
  const code = await storeCode(project, loaded, locked.code, blobs, context.signal);
  const { signal } = context;
  const question = { contract, environment, locked, store, blobs, client, signal, dataName };
  const data = await chosenData(question);
  const of = { service: contract.service, environment, protocol: contract.code.protocol };
  const mix = mixText === undefined ? null : await readMix(context, of, mixText);
  const objective = capacityObjective(contract);

  const askedMs = contract.objective?.horizonMs ?? defaults.horizonMs;
  const horizonMs = isQuick ? Math.min(askedMs, Math.max(quickLeastMs, quickShare * askedMs)) : askedMs;
  context.terminal.note(durationText({ levels: levels.length, measureMs, horizonMs, horizons }, isQuick));
  context.terminal.note(`starting model ${model.name} version ${model.version} to measure one replica of it`);
  const measurements = await withTemporaryReplica(
    context,
    await context.platform(),
    contract.service,
    { code, model },
    async ({ endpoint, replica: { pid } }) => {
      const isOfTensors = contract.code.protocol === 'open-inference-v2';
      const signature = isOfTensors ? (model.signature ?? (await client.metadata(endpoint, model.name, signal))) : null;
      const replica = { endpoint, model: model.name, inputs: signature?.inputs ?? [] };
      return measureCapacity(context, {
        protocol: contract.code.protocol,
        objective,
        levels,
        measureMs,
        horizonMs,
        horizons,
        pid,
        requests: await makeRequests(question, replica, data, mix),
        batchCounters: async () => countsOfRequests(await client.batchCounters(endpoint, signal), mix),
      });
    },
    'capacity',
  );
  if (measurements.closed.length === 0) throw nothingAnswered();
  const known: SubjectDigests = measurements.mix === undefined ? {} : { 'request-mix': digestOfMix(measurements.mix) };
  await recordEvidence(context, measuring, { kind: 'capacity', measurements, known });
  const { name, version } = model;
  return { service: contract.service, environment, model: { name, version }, ...reportOf(measurements, contract) };
}

/** How long it takes, said before it begins. */
function durationText(terms: DurationTerms, isQuick: boolean): string {
  const { horizonMs, horizons } = terms;
  const what = `${horizons} horizons of ${formatDuration(horizonMs)} for the lower limit`;
  const quicker = isQuick ? '' : '; a first look: plimsoll capacity --quick';
  return `takes about ${formatElapsed(usualDurationMs(terms))} (${what})${quicker}`;
}

function reportOf(
  measurements: CapacityMeasurements,
  contract: Contract,
): Omit<CapacityReport, 'service' | 'environment' | 'model'> {
  const record = { ...measurements };
  const { verdict, reasons } = judgeCapacity(record, contract);
  const points = pointsOf(measurements);
  const isAsked = asksFor(contract, 'capacity');
  // One loop that misses the objective ends the measurement, and one point is no curve.
  const isCurve = points.closed.length > 1 || measurements.open.length > 0;
  return {
    verdict,
    reasons,
    measurements,
    fitted: isCurve ? fitCurve(points) : null,
    capacity: readCapacity(record),
    notes: [
      ...(measurements.objective === null
        ? ['no objective.latency is written, so that the rate is that of the knee: plimsoll explain objective.latency']
        : []),
      `recorded as capacity evidence in plimsoll.lock${isAsked ? '' : ', which the contract does not ask for (`scaling`)'}`,
    ],
    next: nextOf[verdict],
  };
}

const nextOf: Readonly<Record<Verdict, string>> = {
  pass: 'git add plimsoll.lock',
  fail: 'make the model or the batch smaller, or plimsoll explain objective.latency',
  inconclusive: 'plimsoll capacity, on a quiet machine',
  unknown: 'plimsoll capacity',
};

function levelsOption(text: unknown): readonly number[] {
  const parts = String(text).split(',');
  const isLevel = (part: string): boolean => /^\s*[1-9]\d{0,3}\s*$/.test(part) && Number(part) <= underWayAtMost;
  if (parts.every(isLevel)) return [...new Set([1, ...parts.map(Number)])].sort((a, b) => a - b);
  throw optionInvalid(`--concurrency must be whole numbers from 1 to ${underWayAtMost}, such as 1,2,4`, text);
}

function secondsOption(text: unknown): number {
  const seconds = Number(text);
  if (String(text).trim() !== '' && seconds >= 0.1 && seconds <= secondsAtMost) return seconds;
  throw optionInvalid(`--seconds must be a number from 0.1 to ${secondsAtMost}`, text);
}

function horizonsOption(text: unknown): number {
  const horizons = Number(text);
  if (Number.isSafeInteger(horizons) && horizons >= fewestHorizons && horizons <= horizonsAtMost) return horizons;
  throw optionInvalid(`--horizons must be a whole number from ${fewestHorizons} to ${horizonsAtMost}`, text);
}

function optionInvalid(what: string, text: unknown): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `${what}, not \`${String(text)}\``,
    next: nextStep(cliSteps, 'option-invalid/capacity-help'),
  });
}

function nothingAnswered(): PlimsollError {
  return new PlimsollError({
    code: 'capacity-nothing-answered',
    category: 'unavailable',
    message: 'the replica answered the first request and no more of them, so that there is nothing to record',
    next: nextStep(cliSteps, 'capacity-nothing-answered'),
  });
}
