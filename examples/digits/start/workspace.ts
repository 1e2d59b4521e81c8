import path from 'node:path';
import * as z from 'zod';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { machineFacts } from '../../../src/adapters/system/node/machine.ts';
import type { MachineFacts } from '../../../src/ports/project/project.ts';
import { exampleFolder } from '../cache.ts';
import { commandsFor, type Commands } from './commands.ts';
import type { Pinned } from './plan-releases.ts';
import { exampleContract, type RegisteredModel } from './register.ts';
import { makeWorkingCopy, withoutSection, withReplicas, type WorkingCopy } from './working-copy.ts';

/** A contract with its lock, golden outputs, features of the evaluated rows and code, in step with one registered model. */
export interface Workspace {
  readonly contract: string;
  readonly pinned: Pinned;
  /** Why it is a copy and what was made anew in it; null for the files that git tracks. */
  readonly explanation: string | null;
  /** Whether its model is another than the one that git's lock was evaluated with. */
  readonly isOtherModel: boolean;
}

const lockSchema = z.object({
  environments: z.object({
    default: z.object({
      code: z.object({ digest: z.string() }),
      model: z.object({ version: z.number(), digest: z.string() }),
      deviceClasses: z.array(z.string()),
      runtime: z.record(z.string(), z.string()),
    }),
  }),
});

const checkSchema = z.object({
  environments: z.array(
    z.object({
      mismatches: z.array(z.unknown()),
      evidence: z.array(z.object({ kind: z.string(), freshness: z.string() })),
    }),
  ),
});

const besideTheContract = ['server.yaml', 'prices.yaml', 'golden', 'reference'];

/**
 * What `npm start` releases: the example's own folder as git has it, when its lock pins the bytes that this machine
 * trained, and was measured on a machine like this one; else a copy in the state folder, pinned and recorded here, with the
 * difference in words.
 */
export async function currentWorkspace(
  model: RegisteredModel,
  stateFolder: string,
  note: (text: string) => void,
  here: MachineFacts = machineFacts(),
): Promise<Workspace> {
  const lock = readLock(exampleFolder);
  const isPinned = lock.model.digest === model.digest && lock.model.version === model.version;
  if (isPinned && isMeasuredOn(here, lock)) {
    return { contract: exampleContract, pinned: pinnedOf(lock), explanation: null, isOtherModel: false };
  }
  const folder = path.join(stateFolder, 'example', 'current');
  const copy = makeWorkingCopy({
    from: exampleFolder,
    folder,
    beside: [...besideTheContract, 'plimsoll.lock'],
    modelVersion: model.version,
    kept: holdsMeasured(folder, model, here) ? ['golden', 'reference', 'plimsoll.lock'] : [],
  });
  await bringInStep(commandsFor(['--contract', copy.contract, '--state', stateFolder], note), copy, note);
  return {
    contract: copy.contract,
    pinned: pinnedOf(readLock(copy.folder)),
    isOtherModel: !isPinned,
    explanation: isPinned ? explainMachine(lock, here, copy.contract) : explain(lock.model, model, copy.contract),
  };
}

/**
 * Version 1 as it was released before version 2: the same contract with that version, and the lock of its time. A copy in
 * any case, because a folder has one lock.
 */
export async function firstWorkspace(
  models: readonly RegisteredModel[],
  stateFolder: string,
  note: (text: string) => void,
): Promise<string> {
  const model = models[0];
  if (model === undefined) throw new Error('nothing was trained');
  const copy = makeWorkingCopy({
    from: exampleFolder,
    folder: path.join(stateFolder, 'example', 'version-1'),
    beside: besideTheContract,
    modelVersion: model.version,
    lock: path.join(exampleFolder, 'released', 'version-1.lock'),
  });
  const commands = commandsFor(['--contract', copy.contract, '--state', stateFolder], note);
  const lock = readLock(copy.folder);
  if (lock.model.digest === model.digest && isMeasuredOn(machineFacts(), lock)) {
    const { exit } = await commands.run(['check'], [0, 1, 2, 3]);
    if (exit === 0) return copy.contract;
  }
  await bringInStep(commands, copy, note);
  return copy.contract;
}

/** What was brought in step with as many replicas, in a copy of its own. */
export async function withReplicasOf(
  { contract: from, ...workspace }: Workspace,
  count: number,
  stateFolder: string,
  note: (text: string) => void,
): Promise<Workspace> {
  const folder = path.join(stateFolder, 'example', `replicas-${count}`);
  const { contract } = makeWorkingCopy({
    from: path.dirname(from),
    folder,
    beside: [...besideTheContract, 'plimsoll.lock'],
  });
  writeFileSync(contract, withReplicas(readFileSync(contract, 'utf8'), count));
  const commands = commandsFor(['--contract', contract, '--state', stateFolder], note);
  await commands.run(['pin']);
  await commands.close();
  const why = `${count} replicas, so that one has another to be compared with: ${path.relative(process.cwd(), contract)}`;
  const explanation = workspace.explanation === null ? why : `${workspace.explanation}; ${why}`;
  return { ...workspace, contract, explanation };
}

/**
 * `plimsoll pin`, and what records evidence again where it is of something else than what is pinned now. Whether it passes
 * is for `check` and `release` to say.
 */
async function bringInStep(commands: Commands, { contract }: WorkingCopy, note: (text: string) => void): Promise<void> {
  const isFresh = async (wanted: string): Promise<boolean> => {
    const check = checkSchema.parse((await commands.run(['check'], [0, 1, 3])).json);
    const states = check.environments.flatMap(({ evidence }) => evidence);
    return states.some(({ kind, freshness }) => kind === wanted && freshness === 'fresh');
  };
  await commands.run(['pin']);
  if (!(await isFresh('hardware'))) await commands.run(['verify'], [0, 1, 3]);
  if (!(await isFresh('golden'))) await commands.run(['golden', 'record']);
  if (!(await isFresh('cold-start'))) {
    await commands.run(['coldstart'], [0, 1, 3]).catch(() => undefined);
    if (!(await isFresh('cold-start'))) {
      writeFileSync(contract, withoutSection(readFileSync(contract, 'utf8'), 'coldStart'));
      note('starts cannot be measured here (plimsoll coldstart says why): the copy asks for no coldStart');
    }
  }
  if (!(await isFresh('evaluation'))) await commands.run(['evaluate'], [0, 1, 3]);
  await commands.close();
}

type ExampleLock = z.infer<typeof lockSchema>['environments']['default'];

/** Whether an earlier start measured this model here: then nothing is measured twice. */
function holdsMeasured(folder: string, model: RegisteredModel, here: MachineFacts): boolean {
  try {
    const lock = readLock(folder);
    return lock.model.digest === model.digest && isMeasuredOn(here, lock) && existsSync(path.join(folder, 'golden'));
  } catch {
    return false;
  }
}

/** Golden outputs, starts and hardware are of a class of CPU and a version of ONNX Runtime. */
function isMeasuredOn(here: MachineFacts, { deviceClasses, runtime }: ExampleLock): boolean {
  return deviceClasses.includes(here.deviceClass.digest) && isDeepStrictEqual(runtime, here.runtime);
}

interface LockedModel {
  readonly version: number;
  readonly digest: string;
}

function readLock(folder: string): ExampleLock {
  const parsed: unknown = JSON.parse(readFileSync(path.join(folder, 'plimsoll.lock'), 'utf8'));
  return lockSchema.parse(parsed).environments.default;
}

function pinnedOf(lock: ExampleLock): Pinned {
  return { codeDigest: lock.code.digest, modelDigest: lock.model.digest };
}

function explainMachine({ runtime }: ExampleLock, { deviceClass, runtime: here }: MachineFacts, copy: string): string {
  const what = isDeepStrictEqual(runtime, here)
    ? `plimsoll.lock was measured on another CPU than this machine's (${deviceClass.description})`
    : `plimsoll.lock was measured with ONNX Runtime ${runtime['onnxruntime'] ?? '?'}, and here is ${here['onnxruntime'] ?? '?'}`;
  return `${what}; ${measuredAnew(copy)}`;
}

const measuredAnew = (copy: string): string =>
  `pinned and recorded anew in a copy (--contract ${path.relative(process.cwd(), copy)}), examples/digits is as it was`;

function explain(pinned: LockedModel, trained: RegisteredModel, copy: string): string {
  const short = (digest: string): string => digest.slice('sha256:'.length, 'sha256:'.length + 12);
  const what =
    pinned.digest === trained.digest
      ? `the model that plimsoll.lock pins as version ${pinned.version} is version ${trained.version} in this state folder`
      : `plimsoll.lock pins model version ${pinned.version} as ${short(pinned.digest)}, and what was trained here is ` +
        `${short(trained.digest)}: other data, training code or settings (or a Node that rounds otherwise)`;
  return `${what}; ${measuredAnew(copy)}`;
}
