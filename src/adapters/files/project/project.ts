import { existsSync } from 'node:fs';
import path from 'node:path';
import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import type { Contract, LoadedContract } from '../../../core/contract/contract.ts';
import { codeDigest, pinnedImageDigest } from '../../../core/contract/code-digest.ts';
import { contractInvalid } from '../../../core/contract-keys/contract-invalid.ts';
import type { Lock } from '../../../core/evidence/lock/lock.ts';
import type { EvidenceRecords } from '../../../core/proof/judge-environment.ts';
import type { ArtifactFile } from '../../../core/registry/model-version.ts';
import type { Digest } from '../../../core/units/digest.ts';
import { asPlimsollError, PlimsollError } from '../../../core/units/errors.ts';
import type { BoundedParser } from '../../../ports/process/bounded-parser.ts';
import type { MachineFacts, Project } from '../../../ports/project/project.ts';
import { readCodeFiles } from './project-code-files.ts';
import { featureFilesOf, metricFilesOf } from './project-metric-files.ts';
import { featureViewsOf } from './project-feature-views.ts';
import { makeFileDigest } from './project-file-digest.ts';
import { changeLockFile, readLockFile } from './project-lock.ts';
import { openRegular } from '../regular-file.ts';
import { storageError, systemCode } from '../storage-errors.ts';

export interface FileProjectOptions {
  /** Absolute path of plimsoll.yaml. */
  readonly contractFile: string;
  /** Absolute. */
  readonly stateFolder: string;
  /** How problems name the contract: relative to where somebody stands, usually. */
  readonly shownAs?: string;
  readonly machine: () => MachineFacts;
  /** A thread in a program that serves others, which then loads no reader of YAML; in place elsewhere. */
  readonly parser: Pick<BoundedParser, 'contract' | 'lock'>;
  /** Left out where there is no store, as in a CI job: then there are no waivers and no invalidations. */
  readonly records?: (service: string, environment: string) => Promise<EvidenceRecords>;
}

const noRecords: EvidenceRecords = { waivers: [], invalidations: [] };

/**
 * A project as files on disk. Reads anew on every call, because people edit while a control plane runs, and parses anew
 * only what was edited.
 */
export function makeFileProject(options: FileProjectOptions): Project {
  const { contractFile, parser } = options;
  const folder = path.dirname(contractFile);
  const lockFile = path.join(folder, 'plimsoll.lock');
  const shownAs = options.shownAs ?? path.basename(contractFile);
  const parseContract = rememberLast((bytes) => parser.contract(bytes, contractFile, shownAs));
  const parseLock = rememberLast((bytes) => parser.lock(bytes, path.basename(lockFile)));
  return projectOf(options, {
    contract: async () => {
      const reading = await parseContract(await readBounded(contractFile, shownAs));
      if (!reading.ok) throw contractInvalid(reading.problems);
      return reading.loaded;
    },
    lock: () => readLockFile(lockFile, parseLock),
    codeFiles: ({ code }) => readCodeFiles(folder, code.files),
  });
}

/** What is read of a project again and again. */
interface Reading {
  contract(): Promise<LoadedContract>;
  lock(): Promise<Lock | null>;
  codeFiles(contract: Contract): Promise<readonly ArtifactFile[]>;
}

/** Each is read when it is first asked for. */
function readOnce({ contract, lock, codeFiles }: Reading): Reading {
  let files: ReturnType<Reading['codeFiles']> | undefined;
  // Of the one contract that it reads.
  return { contract: once(contract), lock: once(lock), codeFiles: (of) => (files ??= codeFiles(of)) };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let reading: Promise<T> | undefined;
  return () => (reading ??= read());
}

function projectOf(options: FileProjectOptions, reading: Reading): Project {
  const { contractFile, stateFolder, machine } = options;
  const folder = path.dirname(contractFile);
  const lockFile = path.join(folder, 'plimsoll.lock');
  const fileDigestOf = makeFileDigest();
  const { contract, lock } = reading;

  const codeFiles: Project['codeFiles'] = async () => reading.codeFiles((await contract()).contract);

  const metricFiles = ({ evaluation }: Contract) => metricFilesOf(folder, evaluation?.metrics);

  const digestOfCode = async (of: Contract, pinned: Lock | null, environment: string): Promise<Digest | null> => {
    const { code } = of;
    if (code.image !== undefined) return pinnedImageDigest(code, pinned?.environments[environment]?.code);
    const files = await reading.codeFiles(of);
    return codeDigest(code, Object.fromEntries(files.map((file) => [file.path, file.digest])));
  };

  return {
    folder,
    stateFolder,
    contract,
    lock,
    changeLock(update, { replaceUnreadable = false } = {}) {
      const read = replaceUnreadable ? () => lock().catch(nullWhenUnreadable) : lock;
      return changeLockFile({ lockFile, stateFolder }, read, update);
    },
    codeFiles,
    featureFiles: async () => featureFilesOf(folder, (await contract()).contract),
    featureViews: async (readElsewhere) => featureViewsOf(folder, (await contract()).contract, readElsewhere),
    metricFiles: async () => metricFiles((await contract()).contract),
    codeDigest: async (environment) => digestOfCode((await contract()).contract, await lock(), environment),
    machine: () => Promise.resolve(machine()),
    fileDigest: (name) => fileDigestOf(path.resolve(folder, name)),
    pool: async (name) => (await import('./pools.ts')).makeFilePools(folder).read(name),
    records: async (environment) =>
      (await options.records?.((await contract()).contract.service, environment)) ?? noRecords,
    holdsBlobs: async (digests) => {
      const blobs = path.join(stateFolder, 'blobs', 'sha256');
      if (!existsSync(blobs)) return null;
      return digests.every((digest) => existsSync(path.join(blobs, digest.slice(7, 9), digest.slice(9))));
    },
    snapshot: () => projectOf(options, readOnce(reading)),
  };
}

function nullWhenUnreadable(thrown: unknown): null {
  if (asPlimsollError(thrown).code === 'lock-invalid') return null;
  throw thrown;
}

/** What was made of the last bytes, as long as the same bytes come again; a failure is not kept. */
function rememberLast<T>(parse: (bytes: Uint8Array) => Promise<T>): (bytes: Uint8Array) => Promise<T> {
  let last: { readonly bytes: Uint8Array; readonly made: Promise<T> } | undefined;
  return (bytes) => {
    if (last !== undefined && Buffer.compare(last.bytes, bytes) === 0) return last.made;
    const made = parse(bytes);
    const parsing = { bytes, made };
    last = parsing;
    made.catch(() => {
      if (last === parsing) last = undefined;
    });
    return made;
  };
}

/** One byte beyond the bound is enough to tell that a file is too large; a device or a pipe is not read for ever. */
const mostBytes = 1024 * 1024 + 1;
/** Most contracts fit, and it is read many times a minute: a buffer of the bound each time would be garbage of megabytes. */
const firstBytes = 16 * 1024;

async function readBounded(file: string, shownAs: string): Promise<Uint8Array> {
  const handle = await openRegular(file, shownAs).catch(async (thrown: unknown) => {
    throw systemCode(thrown) === 'ENOENT' ? contractMissing(shownAs) : await storageError(thrown, 'reading', file);
  });
  try {
    if ((await handle.stat()).isDirectory()) throw contractMissing(`${shownAs} (a folder)`);
    let buffer = new Uint8Array(firstBytes);
    let filled = 0;
    for (let read = 1; read > 0 && filled < mostBytes; filled += read) {
      if (filled === buffer.length) buffer = enlarged(buffer);
      read = (await handle.read(buffer, filled, buffer.length - filled)).bytesRead;
    }
    return buffer.slice(0, filled);
  } finally {
    await handle.close();
  }
}

function enlarged(buffer: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(mostBytes, 8 * buffer.length));
  larger.set(buffer);
  return larger;
}

export function contractMissing(where: string): PlimsollError {
  return new PlimsollError({
    code: 'contract-missing',
    category: 'input',
    message: `no contract at ${where}`,
    next: nextStep(adapterSteps, 'contract-missing'),
  });
}
