import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  /** Files and folders of an earlier copy that stay as they are. */
  readonly kept?: readonly string[];
}

export function makeWorkingCopy(options: WorkingCopyOptions): WorkingCopy {
  mkdirSync(options.folder, { recursive: true });
  const kept = options.kept ?? [];
  for (const name of readdirSync(options.folder).filter((entry) => !kept.includes(entry))) {
    rmSync(path.join(options.folder, name), { recursive: true, force: true });
  }
  const contract = path.join(options.folder, 'plimsoll.yaml');
  const text = readFileSync(path.join(options.from, 'plimsoll.yaml'), 'utf8');
  writeFileSync(contract, options.modelVersion === undefined ? text : withModelVersion(text, options.modelVersion));
  const isTaken = (name: string): boolean => !kept.includes(name) && existsSync(path.join(options.from, name));
  for (const name of options.beside.filter(isTaken)) {
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

/** The contract with as many replicas, neither more nor fewer. */
export function withReplicas(contract: string, count: number): string {
  const document = parseDocument(contract);
  document.setIn(['scaling', 'replicas', 'min'], count);
  document.setIn(['scaling', 'replicas', 'max'], count);
  return String(document);
}

/** The contract without one of its sections; comments of the others stay. */
export function withoutSection(contract: string, section: string): string {
  const document = parseDocument(contract);
  document.delete(section);
  return String(document);
}
