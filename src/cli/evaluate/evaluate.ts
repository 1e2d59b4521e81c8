import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { requireUsable } from '../../core/contract-keys/contract-invalid.ts';
import path from 'node:path';
import { requireEvaluationFit } from '../../prove/subjects/evaluation-fit.ts';
import { Option } from 'commander';
import type { Contract } from '../../core/contract/contract.ts';
import { defaults } from '../../core/contract/defaults.ts';
import { calibrationBins } from '../../core/evaluation/metrics/calibration.ts';
import { confusionOf } from '../../core/evaluation/metrics/confusion-metrics.ts';
import type { Outcomes } from '../../core/evaluation/outcomes.ts';
import {
  changedRows,
  mostConfusionClasses,
  reportedMetrics,
  type EvaluationReport,
} from '../../core/evaluation/report.ts';
import { judgeEvaluation, judgeGates } from '../../core/evidence/kinds/evaluation/evaluation-evidence.ts';
import { decideCommand } from '../../core/evidence/renewal.ts';
import { referenceFile } from '../../core/rollout/names.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { visibleJson } from '../../core/units/visible-text.ts';
import type { CliCommand, CommandResult } from '../command.ts';
import { addSigningOption } from '../signing-option.ts';
import type { CliContext } from '../context.ts';
import { readDataset } from '../../prove/evaluate/evaluate-dataset.ts';
import { requireRecordedGolden } from '../../prove/golden/edited-golden.ts';
import { findGoldenSet } from '../../prove/golden/evaluate-golden.ts';
import { withImages } from './evaluate-images.ts';
import { measureAnswers, type AnsweredBaseline, type EvaluateMeasured } from '../../prove/evaluate/evaluate-measure.ts';
import { firstRows, predict } from '../../prove/evaluate/evaluate-predictions.ts';
import { baselineNames, chosenCandidate, findBaseline, pinnedDataset } from '../../prove/evaluate/evaluate-subjects.ts';
import { exitStatusOfVerdict } from '../exit-status.ts';
import { evaluationFindings } from './evaluation-findings.ts';
import { evaluationHtml } from './evaluation-html.ts';
import { evaluationMarkdown } from './evaluation-markdown.ts';
import { evaluationText } from './evaluation-text.ts';
import { reportText } from '../report/formats.ts';
import { reportFormats, type ReportFormat } from '../report/report.ts';
import { beginMeasuringHere } from '../../prove/evidence/measuring.ts';
import { withFeatures } from '../../prove/features/with-features.ts';
import { recordEvaluation } from '../../prove/evaluate/evaluate-record.ts';
import { pinnedInStep, pinnedModel, storeCode } from '../../prove/subjects/released-subjects.ts';
import { storedRows } from '../../prove/artifacts/stored-data.ts';

interface EvaluateOptions {
  readonly model?: string;
  readonly against?: string;
  readonly rows?: string;
  readonly format: ReportFormat | 'json';
  readonly report?: string;
}

export const command: CliCommand = {
  signs: true,
  configure(program) {
    addSigningOption(program)
      .option(
        '--model <name:version>',
        'judge another version than the pinned one: NAME:V or @ALIAS; records no evidence',
      )
      .option('--against <baseline>', 'compare with `released` or @ALIAS besides what the gates name')
      .option('--rows <n>', 'only the first N rows; records no evidence')
      .addOption(
        new Option('--format <format>', 'form of the answer').choices([...reportFormats, 'json']).default('text'),
      )
      .option('--report <folder>', 'also write report.html, report.md, report.json and report.junit.xml there');
  },
  examples: [
    ['plimsoll evaluate', 'runs what the lock pins over evaluation.dataset, judges the gates, records the evidence'],
    ['plimsoll evaluate --report report', 'the same, and a page with confusion, calibration and changed rows'],
    ['plimsoll evaluate --model @next --against released --rows 500', 'a quick look at another version'],
  ],
  async run(context, { options: given, json }) {
    const options = given as unknown as EvaluateOptions;
    const rowsAtMost = rowsOption(options.rows);
    const report = await evaluate(context, options, rowsAtMost);
    const findings = () => evaluationFindings(report, 'plimsoll.yaml', context.version);
    if (options.report !== undefined) {
      await writeReports(context, path.resolve(context.cwd, options.report), {
        'report.html': evaluationHtml(report),
        'report.md': `${evaluationMarkdown(report)}\n`,
        'report.json': `${visibleJson(JSON.stringify(report, null, 2))}\n`,
        'report.junit.xml': `${reportText(findings(), 'junit')}\n`,
      });
    }
    const result = { exit: exitStatusOfVerdict(report.verdict), json: report };
    if (json) return { ...result, text: '' };
    return { ...result, text: textIn(options.format, report, findings, context.terminal.colour) };
  },
};

function textIn(
  format: EvaluateOptions['format'],
  report: EvaluationReport,
  findings: () => ReturnType<typeof evaluationFindings>,
  colour: boolean,
): CommandResult['text'] {
  if (format === 'text') return evaluationText(report, colour);
  if (format === 'json') return visibleJson(JSON.stringify(report, null, 2));
  if (format === 'markdown') return evaluationMarkdown(report);
  return reportText(findings(), format);
}

function rowsOption(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--rows must be a whole number above 0, not \`${text}\``,
    next: nextStep(cliSteps, 'option-invalid/evaluate-help'),
  });
}

async function evaluate(
  context: CliContext,
  options: EvaluateOptions,
  rowsAtMost: number | null,
): Promise<EvaluationReport> {
  const [project, environment, store, blobs] = await Promise.all([
    context.project(),
    context.environment(),
    context.store(),
    context.blobs(),
  ]);
  const loaded = await project.contract();
  const { contract } = loaded;
  const { lock, locked } = await pinnedInStep(project, loaded, environment);
  await requireRecordedGolden(project.folder, contract, lock, environment);
  const measuring = await beginMeasuringHere(context, project, loaded, environment, locked);
  const { section, data } = await pinnedDataset(store, environment, loaded, locked);
  const pinned = await pinnedModel(store, environment, locked.model);
  const model = await chosenCandidate(store, environment, pinned, options.model);
  requireUsable(loaded, 'evaluation');
  requireEvaluationFit(contract, model.signature);
  const code = await storeCode(project, loaded, locked.code, blobs, context.signal);

  // Labels and slices first: what is wrong with them is known before anything starts.
  const rows = () => firstRows(storedRows(data, blobs, context.signal), rowsAtMost);
  const dataset = await readDataset(rows(), section.label ?? defaults.evaluationLabel, section.slices);
  const named = { dataName: contract.monitoring?.golden, modelDigest: model.digest };
  const golden = await findGoldenSet(project, blobs, locked.evidence.golden?.measurements['goldenBlob'], named);
  const shared = { service: contract.service, data, locked, rowsAtMost };
  const candidate = await predict(context, { ...shared, code, model, golden });
  const baselines: AnsweredBaseline[] = [];
  const absent: string[] = [];
  for (const name of baselineNames(section, options.against)) {
    const found = await findBaseline(store, { service: contract.service, environment, code, model }, name);
    if (found === null) absent.push(name);
    else baselines.push({ ...found, predicted: await predict(context, { ...shared, ...found, golden: null }) });
  }
  const measured = await measureAnswers(context, {
    section,
    data,
    rowsAtMost,
    dataset,
    candidate,
    baselines,
    absent,
    folder: project.folder,
    blobs,
  });
  const { measurements } = measured;
  const isWhole = dataset.labels.length === data.rows;
  const isPinned = model.digest === pinned.digest;
  const recorded = isWhole && isPinned;
  if (recorded) {
    const inputs = model.signature?.inputs ?? [];
    const slices = contract.monitoring?.slices ?? [];
    const question = { rows: rows(), inputs, predictions: candidate.predictions, slices };
    const file = referenceFile(data.name, model.digest);
    await withFeatures(contract, project.folder, context.env, (custom) =>
      recordEvaluation(context, measuring, measurements, { ...question, custom }, file),
    );
  }
  const asRecord = measurements as unknown as Readonly<Record<string, unknown>>;
  const { verdict, reasons } = judgeEvaluation(asRecord, contract);
  const gates = judgeGates(asRecord, contract);
  const first = measured.baselines[0];
  const changed =
    first === undefined ? null : changedRows(first.named, measured.candidate.outcomes, first.outcomes.outcomes);
  return {
    service: contract.service,
    environment,
    verdict,
    reasons,
    candidate: { model: model.name, version: model.version, digest: model.digest },
    baselines: baselines.map((one) => ({
      named: one.named,
      model: one.model.name,
      version: one.model.version,
      digest: one.model.digest,
    })),
    dataset: { name: data.name, version: data.version, rows: dataset.labels.length, ofRows: data.rows },
    reasoning: measured.candidate.reasoning,
    gates: 'verdicts' in gates ? gates.verdicts : [],
    metrics: reportedMetrics(measurements),
    ...plots(measured),
    changed: changed === null ? null : await withImages(changed, model.signature?.inputs ?? [], rows()),
    latency: measurements.latency,
    notes: [
      ...absent.map((name) => `there is no ${name} version to compare with yet`),
      recorded ? 'recorded as evaluation evidence in plimsoll.lock' : notRecorded(isWhole),
    ],
    next: nextOf(contract, verdict, recorded),
  };
}

const notRecorded = (isWhole: boolean): string =>
  isWhole ? 'not recorded: the lock pins another version' : 'not recorded: evidence is of all rows';

function nextOf(contract: Contract, verdict: EvaluationReport['verdict'], recorded: boolean): string {
  if (!recorded) return 'plimsoll evaluate';
  if (verdict === 'pass') return 'git add plimsoll.lock reference, then plimsoll release';
  return verdict === 'inconclusive'
    ? decideCommand('evaluation', contract, 'plimsoll evaluate')
    : 'plimsoll evaluate --report report';
}

function plots({ candidate }: EvaluateMeasured): Pick<EvaluationReport, 'confusion' | 'calibration'> {
  const outcomes: Outcomes = candidate.outcomes;
  if (outcomes.task !== 'classification') return { confusion: null, calibration: null };
  const { classes, scores } = outcomes;
  const confusion = classes.length > mostConfusionClasses ? null : { classes, counts: confusionOf(outcomes) };
  return { confusion, calibration: scores === null ? null : calibrationBins({ ...outcomes, scores }) };
}

async function writeReports(
  { writeDurably }: CliContext,
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  try {
    for (const [name, text] of Object.entries(files)) {
      await writeDurably(path.join(folder, name), text, { doing: 'writing the report' });
    }
  } catch (cause) {
    throw new PlimsollError({
      code: 'report-unwritable',
      category: 'input',
      message: `the report cannot be written into ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`,
      next: 'name a folder that can be written to in --report',
      cause,
    });
  }
}
