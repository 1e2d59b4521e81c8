import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { cliSteps } from '../../core/units/next-steps/cli-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import {
  termsOf,
  type EnvironmentRecord,
  type EnvironmentTerms,
  type RecordedClass,
  type RecordedPool,
} from '../../core/fleet/environment/environment-record.ts';
import { findWarmPoolProblem } from '../../core/fleet/environment/warm-pool-place.ts';
import { describeClass } from '../../core/pool/classes/device-class.ts';
import { classesOf } from '../../core/pool/snapshot/pool-snapshot.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { withSourceFile } from '../../prove/files/source-file.ts';
import {
  readEnvironmentFile,
  readPolicyFile,
  type EnvironmentFile,
} from '../../schemas/environment/environment-file.ts';
import { readPoolSnapshot } from '../../schemas/pool/pool-snapshot.ts';
import { sourceBounds } from '../../schemas/source/yaml-bounds.ts';
import type { CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { recordText } from './environment-show.ts';

export async function runEnvironmentSet(context: CliContext, { args, options }: CommandInput): Promise<CommandResult> {
  const environment = args[0] ?? '';
  const version = versionOf(options['ifVersion']);
  const change = await readChange(context, environment, options);
  const request = { environment, ...change, ...(version === undefined ? {} : { version }) };
  const record = await (await context.operations()).setEnvironmentRecord(request);
  const next = 'It holds for every later release; evidence that was measured on other prices is stale from now on.';
  const warning = await findWarning(context, record);
  const lines = [recordText(record), next, ...(warning === null ? [] : [`warning: ${warning}`])];
  return { exit: 0, json: { environment, record, warning }, text: lines.join('\n') };
}

/** A control plane refuses a warm pool that it cannot keep. Without one nobody did. */
async function findWarning(context: CliContext, record: EnvironmentRecord): Promise<string | null> {
  const { environment, platform, warmPool = 0 } = record;
  if (warmPool === 0 || (await context.controlPlane().catch(() => null)) !== null) return null;
  const contract = await readSection(context, environment).catch(() => null);
  return findWarmPoolProblem(environment, warmPool, { recorded: platform, contract });
}

/** Of the contract in the folder; null without one. A contract that is wrong is the business of others. */
async function readSection(context: CliContext, environment: string) {
  if (!(await context.hasContract())) return null;
  const { contract } = await (await context.project()).contract();
  return contract.environments[environment] ?? null;
}

interface Change {
  readonly terms: EnvironmentTerms;
  /** The version that the terms were made from. */
  readonly version?: number;
}

async function readChange(context: CliContext, environment: string, options: CommandInput['options']): Promise<Change> {
  const { file, policy } = options;
  if (typeof file === 'string' && policy === undefined) {
    const { bytes, folder } = await readFileOf(context, file);
    return { terms: await readTerms(readEnvironmentFile(bytes, file), folder, file) };
  }
  if (typeof policy !== 'string' || file !== undefined) throw oneFileAlone();
  const { bytes } = await readFileOf(context, policy);
  const records = await (await context.operations()).environmentRecords();
  const standing = records.find((each) => each.environment === environment);
  // Whoever changes the record between the two is told, and not overwritten.
  return {
    terms: { ...termsOf(standing ?? {}), policy: readPolicyFile(bytes, policy) },
    version: standing?.version ?? 0,
  };
}

async function readFileOf(context: CliContext, shown: string) {
  const location = path.resolve(context.cwd, shown);
  const bytes = await withSourceFile({ location, shown }, context.signal, ({ source, bytes: size }) =>
    source.read(0, Math.min(size, sourceBounds.bytes + 1)),
  );
  return { bytes, folder: path.dirname(location) };
}

function oneFileAlone(): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: 'environment set takes either --file or --policy',
    next: nextStep(cliSteps, 'option-invalid/environment-set'),
  });
}

/** The classes of the snapshot take its place: the control plane does not see the file. */
async function readTerms({ pool, ...terms }: EnvironmentFile, folder: string, file: string): Promise<EnvironmentTerms> {
  if (pool === undefined) return terms;
  const { snapshot, ...named } = pool;
  return { ...terms, pool: snapshot === undefined ? named : await readPool(named.name, folder, snapshot, file) };
}

async function readPool(name: string, folder: string, snapshot: string, file: string): Promise<RecordedPool> {
  const bytes = await readFile(path.join(folder, snapshot)).catch((cause: unknown) => {
    throw new PlimsollError({
      code: 'pool-missing',
      category: 'input',
      message: `${snapshot}, which pool.snapshot of ${file} names, cannot be read`,
      next: nextStep(cliSteps, 'pool-missing/pool-help-says'),
      cause,
    });
  });
  const read = readPoolSnapshot(bytes, snapshot);
  const classes = (['cpu', 'nvidia'] as const).flatMap((accelerator) =>
    [...classesOf(read, accelerator)].map(([digest, each]): RecordedClass => ({
      digest,
      accelerator,
      text: describeClass(each),
    })),
  );
  return { name, classes };
}

function versionOf(text: unknown): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text === 'string' && /^\d{1,9}$/.test(text)) return Number(text);
  throw new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: `--if-version ${String(text)} is no version`,
    next: nextStep(cliSteps, 'option-invalid/environment-show'),
  });
}
