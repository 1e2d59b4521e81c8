import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isScalar, parseDocument } from 'yaml';

/**
 * A copy of the example's contract and of what stands beside it, under the state folder: what has to be pinned or recorded
 * on this machine is written there, so that a start never edits a file that git tracks.
 */
export interface WorkingCopy {
  readonly folder: string;
  /** Absolute path of its plimsoll.yaml. */
  readonly contract: string;
}

export interface WorkingCopyOptions {
  readonly from: string;
  readonly folder: string;
  /** Files and folders beside the contract that come along; those that are not there are left out. */
  readonly beside: readonly string[];
  /** The model version of the copy's contract instead of the one that is written. */
  readonly modelVersion?: number;
  /** A file that becomes the copy's plimsoll.lock. */
  readonly lock?: string;
}

export function makeWorkingCopy(options: WorkingCopyOptions): WorkingCopy {
  rmSync(options.folder, { recursive: true, force: true });
  mkdirSync(options.folder, { recursive: true });
  const contract = path.join(options.folder, 'plimsoll.yaml');
  const text = readFileSync(path.join(options.from, 'plimsoll.yaml'), 'utf8');
  writeFileSync(contract, options.modelVersion === undefined ? text : withModelVersion(text, options.modelVersion));
  for (const name of options.beside.filter((entry) => existsSync(path.join(options.from, entry)))) {
    cpSync(path.join(options.from, name), path.join(options.folder, name), { recursive: true });
  }
  if (options.lock !== undefined) cpSync(options.lock, path.join(options.folder, 'plimsoll.lock'));
  return { folder: options.folder, contract };
}

/** The contract with another model version; every other byte stays as it is. */
export function withModelVersion(contract: string, version: number): string {
  const written = parseDocument(contract).getIn(['model', 'version'], true);
  if (!isScalar(written) || !written.range) throw new Error('the contract of the example writes no model.version');
  return contract.slice(0, written.range[0]) + String(version) + contract.slice(written.range[1]);
}
