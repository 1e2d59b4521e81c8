import path from 'node:path';
import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import type { Protocol } from '../../core/contract/contract.ts';
import { requireUsable } from '../../core/contract-keys/contract-invalid.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { GoldenMeasurements } from '../../core/evidence/kinds/golden/golden-evidence.ts';
import {
  combineComparisons,
  compareGoldenCase,
  describeOffence,
  type GoldenComparison,
} from '../../core/monitoring/golden-comparison.ts';
import type { GoldenCase, GoldenSet, GoldenTolerance } from '../../core/monitoring/golden.ts';
import type { DataVersion } from '../../core/registry/model-version.ts';
import { goldenFile } from '../../core/rollout/names.ts';
import { canonicalJson, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { answerTimeoutMs, type ReplicaClient } from '../../ports/serving/replica-client.ts';
import { editedGolden } from './edited-golden.ts';
import { findGoldenSet, replayGolden } from './evaluate-golden.ts';
import { goldenInputsOfData, type GoldenInput } from './golden-inputs-of-data.ts';
import { beginMeasuringHere } from '../evidence/measuring.ts';
import { recordEvidence } from '../evidence/record-evidence.ts';
import { pinnedInStep, pinnedModel, storeCode } from '../subjects/released-subjects.ts';
import { withTemporaryReplica, type TemporaryReplica } from '../replica/temporary-replica.ts';
import type { ProvingPorts } from '../ports.ts';
import { stepProgress, tellSlowAnswers } from '../progress.ts';

export interface GoldenRecording {
  readonly file: string;
  readonly blob: Digest;
  readonly golden: GoldenSet;
  readonly reproducedCases: number;
  readonly comparison: GoldenComparison;
}

/**
 * Runs the pinned pair in an environment of its own, sends it every row of `monitoring.golden` twice, pins the first
 * answers and proves by the second that they come out again. Writes the golden set, its blob, and evidence of it.
 */
export async function recordGolden(
  context: Pick<
    ProvingPorts,
    | 'blobs'
    | 'clock'
    | 'environment'
    | 'nodeProbe'
    | 'platform'
    | 'project'
    | 'random'
    | 'replicaClient'
    | 'signal'
    | 'store'
    | 'terminal'
    | 'user'
    | 'version'
    | 'writeDurably'
  >,
  tolerance: GoldenTolerance,
): Promise<GoldenRecording> {
  const project = await context.project();
  const environment = await context.environment();
  const loaded = await project.contract();
  const dataName = loaded.contract.monitoring?.golden;
  if (dataName === undefined) throw notAsked(loaded.contract.code.protocol);
  requireUsable(loaded, 'monitoring.golden');
  const { lock, locked } = await pinnedInStep(project, loaded, environment);
  const measuring = await beginMeasuringHere(context, project, loaded, environment, locked);
  const store = await context.store();
  const blobs = await context.blobs();
  const model = await pinnedModel(store, environment, locked.model);
  const data = await pinnedData(context, environment, dataName, locked.data[dataName]?.version ?? 0);
  const code = await storeCode(project, loaded, locked.code, blobs, context.signal);
  const client = await context.replicaClient();

  for (const { message } of await editedGolden(project.folder, loaded.contract, lock, environment)) {
    context.terminal.note(`${message}; it is recorded anew, and git diff shows what was edited`);
  }
  context.terminal.note(`starting model ${model.name} version ${model.version} for ${data.rows} golden inputs`);
  const recorded = await withTemporaryReplica(
    context,
    await context.platform(),
    loaded.contract.service,
    { code, model },
    async (replica) => {
      const signature = model.signature ?? (await client.metadata(replica.endpoint, model.name, context.signal));
      const inputs = await goldenInputsOfData(data, signature.inputs, blobs, context.signal);
      const asked = await askTwice(context, client, replica, model.name, inputs, tolerance);
      const evaluated = locked.evidence.evaluation?.measurements['golden'];
      const earlier = await findGoldenSet(project, blobs, evaluated, { dataName, modelDigest: model.digest });
      return { ...asked, alsoReproduced: await reproduced(context, client, replica, model.name, earlier) };
    },
  );
  const golden: GoldenSet = {
    goldenVersion: 1,
    dataName,
    dataDigest: data.digest,
    modelName: model.name,
    modelDigest: model.digest,
    runtime: locked.runtime,
    tolerance,
    cases: recorded.cases,
  };
  const bytes = goldenBytes(golden);
  const { digest } = await blobs.put(bytes, { signal: context.signal });
  const file = goldenFile(dataName, model.digest);
  const reproducedCases = recorded.comparisons.filter((comparison) => comparison.verdict === 'pass').length;
  const comparison = combineComparisons(recorded.comparisons);
  const measurements: GoldenMeasurements & { readonly largestDeviation?: number } = {
    goldenBlob: digest,
    cases: recorded.cases.length,
    reproducedCases,
    ...(recorded.alsoReproduced.length === 0 ? {} : { alsoReproduced: recorded.alsoReproduced }),
    ...(comparison.largest === null ? {} : { largestDeviation: comparison.largest.absolute }),
  };
  const writeFiles = (): Promise<void> =>
    context.writeDurably(path.join(project.folder, file), bytes, { doing: 'writing the golden set' });
  await recordEvidence(context, measuring, { kind: 'golden', measurements, writeFiles });
  return { file, blob: digest, golden, reproducedCases, comparison };
}

/** Canonical JSON and a line feed: the file and the blob are the same bytes, so that either can be made of the other. */
export function goldenBytes(golden: GoldenSet): Uint8Array {
  return new TextEncoder().encode(`${canonicalJson(golden)}\n`);
}

async function askTwice(
  context: Pick<ProvingPorts, 'clock' | 'signal' | 'terminal'>,
  client: ReplicaClient,
  { endpoint }: TemporaryReplica,
  model: string,
  inputs: readonly GoldenInput[],
  tolerance: GoldenTolerance,
): Promise<{ readonly cases: readonly GoldenCase[]; readonly comparisons: readonly GoldenComparison[] }> {
  const slow = tellSlowAnswers(context, answerTimeoutMs['open-inference-v2']);
  const infer = (inputs: GoldenInput['inputs']): Promise<GoldenCase['outputs']> =>
    slow(() => client.infer(endpoint, model, inputs, context.signal));
  const tell = stepProgress(context, 'golden inputs', 2 * inputs.length);
  const cases: GoldenCase[] = [];
  for (const input of inputs) {
    cases.push({ ...input, outputs: await infer(input.inputs) });
    tell(cases.length);
  }
  context.terminal.note(`recorded ${cases.length}; asking all of them once more`);
  const comparisons: GoldenComparison[] = [];
  for (const pinned of cases) {
    comparisons.push(compareGoldenCase(pinned, await infer(pinned.inputs), tolerance));
    tell(cases.length + comparisons.length);
  }
  return { cases, comparisons };
}

/**
 * The outputs that were evaluated, replayed on this runtime and device class: the only thing that carries the evaluation
 * here. The set is kept as a blob, because the file in git is about to be written anew.
 */
async function reproduced(
  context: Pick<ProvingPorts, 'blobs' | 'signal' | 'terminal'>,
  client: ReplicaClient,
  { endpoint }: TemporaryReplica,
  model: string,
  earlier: Awaited<ReturnType<typeof findGoldenSet>>,
): Promise<readonly Digest[]> {
  if (earlier === null) return [];
  await (await context.blobs()).put(earlier.bytes, { expected: earlier.digest, signal: context.signal });
  const comparison = await replayGolden(client, endpoint, model, earlier.golden, context.signal);
  if (comparison.verdict === 'pass') {
    context.terminal.note(`the ${earlier.golden.cases.length} outputs of the evaluated replica came out again here`);
    return [earlier.digest];
  }
  const offence = comparison.offence === null ? '' : `: ${describeOffence(comparison.offence)}`;
  context.terminal.note(
    `the outputs of the evaluated replica did not come out again here, so that the evaluation does not hold here${offence}`,
  );
  return [];
}

async function pinnedData(
  context: Pick<ProvingPorts, 'store'>,
  environment: string,
  name: string,
  version: number,
): Promise<DataVersion> {
  const found = await (await context.store()).dataVersion(environment, name, version);
  if (found !== null) return found;
  throw new PlimsollError({
    code: 'data-version-missing',
    category: 'not-found',
    message: `the lock pins data ${name} version ${version}, which the registry of ${environment} does not have`,
    next: nextStep(proveSteps, 'data-version-missing', { name }),
  });
}

function notAsked(protocol: Protocol): PlimsollError {
  const isText = protocol === 'openai';
  return new PlimsollError({
    code: 'golden-not-asked',
    category: 'input',
    message: isText
      ? 'golden sets are of tensors, and `code.protocol: openai` has none: a release goes without'
      : 'the contract does not write monitoring.golden, so that there are no inputs to record',
    next: isText
      ? nextStep(coreSteps, 'golden-missing+golden-not-asked+evidence-refused+replica-refused/openai')
      : nextStep(proveSteps, 'golden-not-asked'),
  });
}

/** For people: what was recorded, and how well it came out again. */
export function recordingText({ file, golden, reproducedCases, comparison }: GoldenRecording): string {
  const cases = golden.cases.length;
  const { absolute, relative, argMax } = golden.tolerance;
  const deviation = comparison.largest === null ? '' : `; largest deviation ${comparison.largest.absolute}`;
  return [
    `recorded ${cases} golden outputs of model ${golden.modelName} in ${file}`,
    `bands: ${absolute} absolute + ${relative} relative${argMax ? ', arg-max kept' : ''}`,
    `${reproducedCases} of ${cases} came out again when asked once more${deviation}`,
    ...(comparison.offence === null ? [] : [`first that did not: ${describeOffence(comparison.offence)}`]),
    `next: git add ${file} plimsoll.lock, then plimsoll release`,
  ].join('\n');
}
