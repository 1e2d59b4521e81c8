import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { presentDigests } from '../scripts/figures/source-digest.ts';

/** What a bench of many hours has measured so far: a line of JSON each, which add up over days as long as they are of the same code. */
export interface KeptLines<Measured> {
  /** Of the present code. */
  readonly lines: readonly Measured[];
  /** Lines of other code: they do not count. */
  readonly others: number;
  append(measured: Measured): void;
}

export interface LineTerms {
  /** Files and folders, from the root of the repository, that a measurement depends on. */
  readonly sources: readonly string[];
  /** What a line is, for the error: "run". */
  readonly what: string;
  /** Members that are texts in every line. */
  readonly texts: readonly string[];
}

/** @throws Error where a line is none of this bench. */
export function openKeptLines<Measured extends object>(file: string, terms: LineTerms): KeptLines<Measured> {
  const root = path.dirname(import.meta.dirname);
  const code = presentDigests(root, new Map([['measured', terms.sources]]))?.get('measured') ?? 'no checkout of git';
  const texts = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  const kept = texts.flatMap((text, at) => (text === '' ? [] : [parseLine(text, terms, `${file}: line ${at + 1}`)]));
  const present = kept.filter((line) => line['code'] === code);
  return {
    lines: present as object[] as Measured[],
    others: kept.length - present.length,
    append: (measured) => {
      appendFileSync(file, `${JSON.stringify({ at: new Date().toISOString(), code, ...measured })}\n`);
    },
  };
}

function parseLine(text: string, { what, texts }: LineTerms, where: string): Readonly<Record<string, unknown>> {
  try {
    const line = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    if (line !== null && [...texts, 'code'].every((name) => typeof line[name] === 'string')) return line;
  } catch {
    // Said below.
  }
  throw new Error(`${where} is no ${what} of this bench: give --file the name of a new file, or of one that it wrote`);
}
