import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import path from 'node:path';
import { artifactDigest } from '../../core/registry/artifact.ts';
import type { ArtifactFile, Lineage, ModelVersion } from '../../core/registry/model-version.ts';
import type { FolderFile } from '../files/folder-files.ts';
import { withSourceFile } from '../files/source-file.ts';
import type { ProvingPorts } from '../ports.ts';
import { byteProgress } from '../progress.ts';
import { gatherModel, type GatheredModel } from './model-files.ts';
import { parseModel, requireExternalData } from './model-parse.ts';
import { findPickles, refusePickles } from './refuse-pickle.ts';
import { fetchRemote } from './remote-model.ts';
import { parseRemoteReference } from './remote-reference.ts';

type AddingPorts = Pick<
  ProvingPorts,
  'blobs' | 'clock' | 'cwd' | 'env' | 'modelRegistry' | 'operations' | 'remotePlace' | 'signal' | 'terminal'
>;

export interface ModelToAdd {
  readonly environment: string;
  readonly name: string;
  /** Files of this machine, or a place in a registry. */
  readonly given: string;
  /** What whoever adds it says of its lineage. */
  readonly stated: Lineage;
  readonly allowPickle: boolean;
}

/** Stores the files as blobs, then records the version: a version never names bytes that are not there. */
export async function addModel(
  context: AddingPorts,
  { environment, name, given, stated, allowPickle }: ModelToAdd,
): Promise<{ readonly version: ModelVersion; readonly created: boolean }> {
  const { gathered, stored, source } = await gather(context, given);
  const pickles = await findPickles(gathered.files, context.signal);
  if (!allowPickle) refusePickles(pickles, given, nextStep(coreSteps, 'model-pickled', { given, name }));
  const lineage: Lineage = {
    ...stated,
    source: source.slice(0, 2_000),
    ...(pickles.length === 0 ? {} : { allowedPickle: pickles.map(({ path: pickled }) => pickled) }),
  };
  const parsed = await parseModel(gathered.main, gathered.format, context.signal);
  const sizes = await sizesOf(gathered.files, context.signal);
  if (parsed.onnx !== null) requireExternalData(parsed.onnx, gathered.main, sizes, gathered.fromFolder);
  const files = stored ?? (await storeFiles(context, gathered.files));
  const operations = await context.operations();
  return operations.addModelVersion({
    environment,
    name,
    digest: artifactDigest(files),
    format: gathered.format,
    files,
    signature: parsed.signature,
    facts: parsed.facts,
    lineage,
  });
}

interface Gathered {
  readonly gathered: GatheredModel;
  /** What a download stored already; null for files of this machine. */
  readonly stored: readonly ArtifactFile[] | null;
  readonly source: string;
}

async function gather(context: AddingPorts, given: string): Promise<Gathered> {
  const reference = parseRemoteReference(given, context.env);
  if (reference !== null) return fetchRemote(context, given, reference);
  return { gathered: await gatherModel(context.cwd, given), stored: null, source: given };
}

async function sizesOf(files: readonly FolderFile[], signal: AbortSignal): Promise<{ path: string; bytes: number }[]> {
  const sizes: { path: string; bytes: number }[] = [];
  for (const file of files) {
    sizes.push(await withSourceFile(file, signal, ({ bytes }) => Promise.resolve({ path: file.path, bytes })));
  }
  return sizes;
}

async function storeFiles(context: AddingPorts, files: readonly FolderFile[]): Promise<readonly ArtifactFile[]> {
  const blobs = await context.blobs();
  const stored: ArtifactFile[] = [];
  for (const file of files) {
    await withSourceFile(file, context.signal, async (source) => {
      const progress = byteProgress(context, `storing ${path.basename(file.path)}`, source.bytes);
      const { digest, bytes } = await blobs.put(source.chunks(progress), { signal: context.signal });
      await source.requireUnchanged();
      stored.push({ path: file.path, digest, bytes });
    });
  }
  return stored;
}
