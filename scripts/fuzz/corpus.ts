import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../../test/fuzz');

/** Inputs that reach different parts of a parser, in git. */
export const corpusFolder = (parser: string): string => path.join(root, 'corpus', parser);
/** Inputs that a parser once failed on; whoever mends it leaves them there, so that every test run tries them again. */
export const findingsFolder = (parser: string): string => path.join(root, 'findings', parser);

export interface CorpusFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export function readFolder(folder: string): readonly CorpusFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.endsWith('.md') && !name.endsWith('.txt'))
    .sort()
    .map((name) => ({ name, bytes: Uint8Array.from(readFileSync(path.join(folder, name))) }));
}

/** Names that `writeInput` gives; others were put there by hand, as beginnings, and stay. */
const digestName = /^[0-9a-f]{16}$/;

/** The corpus is these inputs and what was put there by hand: what they reach without it, it no longer holds. */
export function replaceCorpus(parser: string, inputs: readonly Uint8Array[]): number {
  const folder = corpusFolder(parser);
  const byHand = readFolder(folder).filter(({ name }) => !digestName.test(name));
  const known = new Set(byHand.map(({ bytes }) => digestOf(bytes)));
  const wanted = new Set(inputs.map(digestOf).filter((digest) => !known.has(digest)));
  for (const { name } of readFolder(folder)) {
    if (digestName.test(name) && !wanted.has(name)) rmSync(path.join(folder, name));
  }
  for (const bytes of inputs) if (!known.has(digestOf(bytes))) writeInput(folder, bytes);
  return byHand.length + wanted.size;
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex').slice(0, 16);

/** Written by its digest, so that the same input is one file. */
export function writeInput(folder: string, bytes: Uint8Array): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, digestOf(bytes));
  if (!existsSync(file)) writeFileSync(file, bytes);
  return file;
}
