import path from 'node:path';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { LabelsReceived } from '../../core/monitoring/labels/receive-labels.ts';
import { asPlimsollError, PlimsollError } from '../../core/units/errors.ts';
import type { PlacedRow } from '../../formats/json-lines.ts';
import { dataFileOfSource } from '../../prove/artifacts/stored-data.ts';
import { withSourceFile } from '../../prove/files/source-file.ts';
import { countProgress } from '../../prove/progress.ts';
import { labelsAtOnce, type LabelsAnswer, type SentLabel } from '../../schemas/http/monitoring/http-labels.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { labelOfRow, readLabelRows, readPipedRows, type LabelColumns } from './label-rows.ts';

/** A batch stays below the 4 MiB that the control plane takes in one body. */
const batchBytesAtMost = 3_000_000;
const namedAtMost = 20;

interface Added {
  readonly labels: number;
  readonly counted: number;
  readonly tally: LabelsReceived['tally'];
  readonly waiting: number;
  /** False where the contract asks for no labels: they were counted for the judge of a step at most. */
  readonly recorded: boolean;
  readonly named: LabelsReceived['named'];
}

const nothing: Added = {
  ...{ labels: 0, counted: 0, waiting: 0, recorded: true, named: [] },
  tally: { recorded: 0, repeated: 0, contradicted: 0, future: 0, unknown: 0 },
};

/** Streams a file of labels to the store, one batch after another. */
export async function runLabelsAdd(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const [file = ''] = args;
  const columns = columnsOf(options);
  const release = releaseOf(options['release']);
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const operations = await context.operations();
  const progress = countProgress(context, `sending ${path.basename(file)}`, 'labels');
  let added = nothing;
  const send = async (labels: readonly SentLabel[]): Promise<void> => {
    context.signal.throwIfAborted();
    const request = { ...scope, ...(release === null ? {} : { release }), labels: [...labels] };
    added = addUp(added, labels.length, await operations.addLabels(request));
    progress(added.labels);
  };
  try {
    if (file === '-') await sendAll(readPipedRows(context.terminal.stdinChunks(context.signal)), columns, send);
    else {
      const source = { location: path.resolve(context.cwd, file), shown: file };
      await withSourceFile(source, context.signal, (opened) =>
        sendAll(readLabelRows(dataFileOfSource(file, opened)), columns, send),
      );
    }
  } catch (thrown) {
    throw added.labels === 0 ? thrown : afterSome(thrown, added.labels);
  }
  const hasProblem = added.tally.contradicted + added.tally.future + added.tally.unknown > 0;
  return { exit: hasProblem ? 1 : 0, json: { ...scope, ...added }, text: addedText(added) };
}

async function sendAll(
  rows: AsyncIterable<PlacedRow>,
  columns: LabelColumns,
  send: (labels: readonly SentLabel[]) => Promise<void>,
): Promise<void> {
  let batch: SentLabel[] = [];
  let bytes = 0;
  for await (const row of rows) {
    const label = labelOfRow(row, columns);
    const labelBytes = Buffer.byteLength(JSON.stringify(label)) + 1;
    if (batch.length === labelsAtOnce || (batch.length > 0 && bytes + labelBytes > batchBytesAtMost)) {
      await send(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(label);
    bytes += labelBytes;
  }
  if (batch.length > 0) await send(batch);
}

function addUp(before: Added, labels: number, { counted, recorded }: LabelsAnswer): Added {
  const tally = { ...before.tally };
  for (const key of Object.keys(tally) as (keyof typeof tally)[]) tally[key] += recorded?.tally[key] ?? 0;
  return {
    labels: before.labels + labels,
    counted: before.counted + counted,
    tally,
    waiting: before.waiting + (recorded?.waiting ?? 0),
    recorded: recorded !== null,
    named: [...before.named, ...(recorded?.named ?? [])].slice(0, namedAtMost),
  };
}

function addedText({ labels, counted, tally, waiting, recorded, named }: Added): string {
  const count = (number: number, what: string): readonly string[] =>
    number === 0 ? [] : [`${number.toLocaleString('en-US')} ${what}`];
  const parts = [
    ...count(tally.recorded, 'recorded'),
    ...count(waiting, 'of them wait for their prediction'),
    ...count(tally.repeated, 'were there already'),
    ...count(tally.contradicted, 'contradict an earlier label, which stands'),
    ...count(tally.future, 'are from the future and refused'),
    ...count(tally.unknown, 'are of unknown requests and refused'),
    ...count(counted, 'counted for the step of the rollout'),
  ];
  const none = recorded
    ? []
    : ['nothing was recorded: the contract has no monitoring.labels; next: plimsoll explain monitoring.labels'];
  if (labels === 0) return 'no label is there: nothing was sent';
  return [
    `${labels.toLocaleString('en-US')} labels: ${parts.join(', ') || 'none of them counts'}`,
    ...named.map(({ requestId, reason }) => `  ${requestId}: ${reason}`),
    ...none,
  ].join('\n');
}

/** What was sent is recorded; the same file again changes nothing of it. */
function afterSome(thrown: unknown, labels: number): PlimsollError {
  const error = asPlimsollError(thrown);
  return new PlimsollError({
    code: error.code,
    category: error.category,
    message: `${error.message} (after ${labels.toLocaleString('en-US')} labels, which were taken)`,
    next: `${error.next ?? 'see what is wrong'}; then run the same command again: labels that are there change nothing`,
    details: { ...error.details, labels },
    cause: thrown,
  });
}

function columnsOf(options: CommandInput['options']): LabelColumns {
  const named = (name: string, byDefault: string): string =>
    typeof options[name] === 'string' ? options[name] : byDefault;
  return { id: named('id', 'requestId'), label: named('label', 'label'), right: named('right', 'right') };
}

function releaseOf(value: unknown): number | null {
  if (value === undefined) return null;
  if (typeof value === 'string' && /^[1-9]\d{0,9}$/.test(value)) return Number(value);
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--release is the number of a release, not \`${String(value)}\``,
    next: nextStep(cliSteps, 'option-invalid/history'),
  });
}
