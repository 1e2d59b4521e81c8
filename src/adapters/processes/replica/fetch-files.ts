import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { ArtifactFile } from '../../../core/registry/model-version.ts';
import { digestOf, type Digest } from '../../../core/units/digest.ts';
import { asPlimsollError, PlimsollError } from '../../../core/units/errors.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { ReplicaFileList } from '../../../ports/serving/replica-files.ts';
import { modeOfCode, resolveInside } from './lay-out.ts';

/** Where files come from; each call proves anew who asks. */
export interface FileSource {
  list(signal: AbortSignal): Promise<ReplicaFileList>;
  read(digest: Digest, from: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
}

export interface FetchPlan {
  readonly source: FileSource;
  /** Absolute. Files that are there with their bytes are not fetched again. */
  readonly codeFolder: string;
  readonly modelFolder: string;
  /** Of the list of files, from whoever made the pod: who answers for the control plane is not believed. */
  readonly listDigest: string;
  readonly clock: Clock;
  /** Without progress for this long it gives up. */
  readonly patienceMs: number;
  readonly say: (line: string) => void;
}

const firstPauseMs = 500;
const longestPauseMs = 10_000;
const passing = new Set(['unavailable', 'overloaded']);

/**
 * Lays files of code and model out as the local platform does. Each is complete under its name, or not there: what arrives
 * is written beside it, and its digest is verified first. A connection that breaks is gone on with where it broke.
 * @throws PlimsollError what the source refuses; `file-list-other` (refused); `file-corrupt` (corrupt) after two downloads with another digest.
 */
export async function fetchFiles(plan: FetchPlan, signal: AbortSignal): Promise<void> {
  const { code, model } = await patiently(plan, signal, () => plan.source.list(signal));
  const got = digestOf({ code, model });
  if (got !== plan.listDigest) throw listOther(plan.listDigest, got);
  const begunMs = plan.clock.monotonicMs();
  for (const file of code) await fetchOne(plan, file, plan.codeFolder, modeOfCode, signal);
  for (const file of model) await fetchOne(plan, file, plan.modelFolder, () => 0o444, signal);
  const bytes = [...code, ...model].reduce((sum, file) => sum + file.bytes, 0);
  const seconds = ((plan.clock.monotonicMs() - begunMs) / 1_000).toFixed(1);
  plan.say(`${code.length + model.length} files, ${bytes} bytes, are there after ${seconds} s`);
}

async function fetchOne(
  plan: FetchPlan,
  file: ArtifactFile,
  folder: string,
  modeOf: (file: string) => number | Promise<number>,
  signal: AbortSignal,
): Promise<void> {
  const target = resolveInside(folder, file.path);
  if ((await sizeOf(target)) === file.bytes && (await digestOfFile(target)) === file.digest) return;
  await mkdir(path.dirname(target), { recursive: true });
  const partial = `${target}.part`;
  for (let tries = 1; ; tries += 1) {
    await patiently(plan, signal, (progress) => receive(plan, file, partial, progress, signal));
    const got = await digestOfFile(partial);
    if (got === file.digest) break;
    await rm(partial, { force: true });
    if (tries === 2) throw corrupt(file, got);
  }
  await chmod(partial, await modeOf(partial));
  await rename(partial, target);
}

/** Appends what is missing; what is written stays for the next try. */
async function receive(
  { source }: FetchPlan,
  file: ArtifactFile,
  partial: string,
  progress: () => void,
  signal: AbortSignal,
): Promise<void> {
  let received = (await sizeOf(partial)) ?? 0;
  if (received > file.bytes) {
    await rm(partial, { force: true });
    received = 0;
  }
  const handle = await open(partial, 'a');
  try {
    if (received === file.bytes) return;
    for await (const chunk of await source.read(file.digest, received, signal)) {
      received += chunk.length;
      // A source that sends without an end must not fill the disk.
      if (received > file.bytes) throw corrupt(file, `more than ${file.bytes} bytes`);
      await handle.writeFile(chunk).catch((thrown: unknown) => {
        throw isFull(thrown) ? diskFull(partial, file) : thrown;
      });
      progress();
    }
    if (received < file.bytes) throw cut(file, received);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Tries again after what passes, in longer and longer pauses, for as long as there was progress lately. */
async function patiently<Result>(
  { clock, patienceMs, say }: FetchPlan,
  signal: AbortSignal,
  work: (progress: () => void) => Promise<Result>,
): Promise<Result> {
  let [progressedMs, pauseMs] = [clock.monotonicMs(), firstPauseMs];
  const progress = (): void => {
    [progressedMs, pauseMs] = [clock.monotonicMs(), firstPauseMs];
  };
  for (let told = ''; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    try {
      return await work(progress);
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asPlimsollError(thrown);
      if (!passing.has(error.category) || clock.monotonicMs() - progressedMs > patienceMs) throw error;
      if (error.message !== told) say(`tries again: ${error.message}`);
      told = error.message;
      await clock.sleep(pauseMs, signal);
    }
  }
}

async function sizeOf(file: string): Promise<number | null> {
  const found = await stat(file).catch(() => null);
  return found?.isFile() === true ? found.size : null;
}

async function digestOfFile(file: string): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return `sha256:${hash.digest('hex')}`;
}

const isFull = (thrown: unknown): boolean =>
  thrown instanceof Error && 'code' in thrown && (thrown.code === 'ENOSPC' || thrown.code === 'EDQUOT');

function diskFull(partial: string, { path: name, bytes }: ArtifactFile): PlimsollError {
  return new PlimsollError({
    code: 'storage-full',
    category: 'unavailable',
    message: `no space left for ${name} (${bytes} bytes) at ${partial}; what arrived is kept`,
    next: 'give the volume of the pod more space; it is gone on with from there',
    details: { path: partial },
  });
}

function listOther(wanted: string, got: string): PlimsollError {
  return new PlimsollError({
    code: 'file-list-other',
    category: 'refused',
    message: `the list of files is ${got}, and this pod was made for ${wanted}`,
    next: 'see who answers at --url-for-replicas; a control plane of another installation has other files',
  });
}

function corrupt({ path: name, digest }: ArtifactFile, got: string): PlimsollError {
  return new PlimsollError({
    code: 'file-corrupt',
    category: 'corrupt',
    message: `${name} arrived as ${got}, and is pinned as ${digest}`,
    next: nextStep(adapterSteps, 'file-corrupt'),
  });
}

function cut({ path: name, bytes }: ArtifactFile, received: number): PlimsollError {
  return new PlimsollError({
    code: 'file-cut',
    category: 'unavailable',
    message: `${name} broke off after ${received} of ${bytes} bytes`,
    next: 'it is gone on with from there',
  });
}
