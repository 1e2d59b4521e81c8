import path from 'node:path';
import * as z from 'zod';
import { readFileSync } from 'node:fs';
import { exampleFolder } from '../cache.ts';
import { commandsFor, type Commands } from './commands.ts';
import type { Pinned } from './plan-releases.ts';
import { exampleContract, type RegisteredModel } from './register.ts';
import { makeWorkingCopy } from './working-copy.ts';

/** A contract with its lock, golden outputs and code, in step with one registered model. */
export interface Workspace {
  readonly contract: string;
  readonly pinned: Pinned;
  /** Why it is a copy and what was made anew in it; null for the files that git tracks. */
  readonly explanation: string | null;
}

const lockSchema = z.object({
  environments: z.object({
    default: z.object({
      code: z.object({ digest: z.string() }),
      model: z.object({ version: z.number(), digest: z.string() }),
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

const besideTheContract = ['server.yaml', 'golden'];

/**
 * What `npm start` releases: the example's own folder as git has it, when its lock pins the bytes that this machine
 * trained; else a copy in the state folder, pinned and recorded here, with the difference in words.
 */
export async function currentWorkspace(
  model: RegisteredModel,
  stateFolder: string,
  note: (text: string) => void,
): Promise<Workspace> {
  const lock = readLock(exampleFolder);
  if (lock.model.digest === model.digest && lock.model.version === model.version) {
    return { contract: exampleContract, pinned: pinnedOf(lock), explanation: null };
  }
  const copy = makeWorkingCopy({
    from: exampleFolder,
    folder: path.join(stateFolder, 'example', 'current'),
    beside: [...besideTheContract, 'plimsoll.lock'],
    modelVersion: model.version,
  });
  await bringInStep(commandsFor(['--contract', copy.contract, '--state', stateFolder], note));
  return {
    contract: copy.contract,
    pinned: pinnedOf(readLock(copy.folder)),
    explanation: explain(lock.model, model, copy.contract),
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
  if (readLock(copy.folder).model.digest === model.digest) {
    const { exit } = await commands.run(['check'], [0, 1, 2, 3]);
    if (exit === 0) return copy.contract;
  }
  await bringInStep(commands);
  return copy.contract;
}

/**
 * `plimsoll pin`, and what records evidence again where it is of something else than what is pinned now. Whether it passes
 * is for `check` and `release` to say.
 */
async function bringInStep(commands: Commands): Promise<void> {
  await commands.run(['pin']);
  const check = checkSchema.parse((await commands.run(['check'], [0, 1, 3])).json);
  const states = check.environments.flatMap(({ evidence }) => evidence);
  const isFresh = (wanted: string): boolean =>
    states.some(({ kind, freshness }) => kind === wanted && freshness === 'fresh');
  if (!isFresh('golden')) await commands.run(['golden', 'record']);
  if (!isFresh('evaluation')) await commands.run(['evaluate'], [0, 1, 3]);
  await commands.close();
}

interface LockedModel {
  readonly version: number;
  readonly digest: string;
}

function readLock(folder: string): { readonly code: { readonly digest: string }; readonly model: LockedModel } {
  const parsed: unknown = JSON.parse(readFileSync(path.join(folder, 'plimsoll.lock'), 'utf8'));
  return lockSchema.parse(parsed).environments.default;
}

function pinnedOf(lock: ReturnType<typeof readLock>): Pinned {
  return { codeDigest: lock.code.digest, modelDigest: lock.model.digest };
}

function explain(pinned: LockedModel, trained: RegisteredModel, copy: string): string {
  const short = (digest: string): string => digest.slice('sha256:'.length, 'sha256:'.length + 12);
  const what =
    pinned.digest === trained.digest
      ? `the model that plimsoll.lock pins as version ${pinned.version} is version ${trained.version} in this state folder`
      : `plimsoll.lock pins model version ${pinned.version} as ${short(pinned.digest)}, and what was trained here is ` +
        `${short(trained.digest)}: other data, training code or settings (or a Node that rounds otherwise)`;
  return `${what}; pinned and recorded anew in a copy (--contract ${path.relative(process.cwd(), copy)}), examples/digits is as it was`;
}
