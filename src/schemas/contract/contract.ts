import type * as z from 'zod';
import type { LoadedContract } from '../../core/contract/contract.ts';
import { listCheckRefusals } from '../../core/contract-keys/check-refusals.ts';
import { contradictions, type ReadSections } from '../../core/contract/contradictions.ts';
import type { ContractProblem } from '../../core/contract/problem.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import {
  emptyFile,
  isSaidBy,
  ofContradiction,
  ofIssue,
  ofSourceProblem,
  placed,
  unknownKey,
  unknownPaths,
  type FoundProblem,
} from './contract-problems.ts';
import { contractSchema, toContract, type WrittenContract } from './contract-schema.ts';
import { readYamlSource, type YamlSource } from './contract-source.ts';
import { decodeText } from '../source/source-text.ts';
import { sourceBounds } from '../source/yaml-bounds.ts';

export type ContractReading =
  | { readonly ok: true; readonly loaded: LoadedContract }
  | { readonly ok: false; readonly problems: readonly ContractProblem[] };

/** As many as a person mends in one go; the rest show up in the next run. */
const mostProblems = 50;
/** Unknown keys and issues are compared with each other; a file that was written by a person has no more of them. */
const mostCompared = 1_000;

/**
 * Reads plimsoll.yaml. Never throws for what the file holds: every problem that can be seen at once is reported, in the
 * order of the file. `file` is the absolute path, `shownAs` how problems name it.
 */
export function readContract(bytes: Uint8Array, file: string, shownAs: string = file): ContractReading {
  const decoded = decodeText(bytes, sourceBounds.bytes);
  if (!decoded.ok) {
    const whole = { file: shownAs, line: decoded.line, column: 1, length: 1, source: '', sourceColumn: 1, key: '' };
    return { ok: false, problems: [{ code: decoded.code, ...whole, message: decoded.message, ...decoded.facts }] };
  }
  const { source, problems: sourceProblems } = readYamlSource(decoded.text);
  const found = sourceProblems.map(ofSourceProblem);
  const broken = sourceProblems.some(({ code }) => code !== 'duplicate-key' && code !== 'unknown-key');
  if (broken) return { ok: false, problems: inFileOrder(found, source, shownAs) };
  const read = readValue(source);
  const problems = [...found, ...read.problems];
  if (problems.length > 0 || read.written === null)
    return { ok: false, problems: inFileOrder(problems, source, shownAs) };
  const contract = toContract(read.written);
  const refusals = listCheckRefusals(contract).map((one) => ofContradiction(one, source));
  const refused = refusals.length === 0 ? {} : { refused: inFileOrder(refusals, source, shownAs) };
  return { ok: true, loaded: { contract, file, sectionDigests: sectionDigests(source.value), ...refused } };
}

function readValue(source: YamlSource): { written: WrittenContract | null; problems: FoundProblem[] } {
  const { value } = source;
  if (value === undefined || value === null) return { written: null, problems: [emptyFile()] };
  const schema = contractSchema(typeof value === 'object' ? Object.keys(value) : []);
  // Parsed once, so that compiling a parser for it would cost more than it saves.
  const result = schema.safeParse(value, { jitless: true });
  const unknown = unknownPaths(value).slice(0, mostCompared);
  const issues = (result.error?.issues ?? []).slice(0, mostCompared).filter((issue) => !isSaidBy(issue, unknown));
  const problems = [
    ...unknown.map((path) => unknownKey(path, source)),
    ...issues.flatMap((issue) => ofIssue(issue, source)),
  ];
  const sections = result.success
    ? { ...(result.data as WrittenContract), unread: [] }
    : readSections(value, schema.shape);
  problems.push(...contradictions(sections).map((one) => ofContradiction(one, source)));
  return { written: result.success ? (result.data as WrittenContract) : null, problems };
}

/** The sections that are right by themselves, so that contradictions between them show beside other problems. */
function readSections(value: unknown, shape: Readonly<Record<string, z.ZodType>>): ReadSections {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { unread: [] };
  const written: Readonly<Record<string, unknown>> = { ...value };
  const sections: Record<string, unknown> = {};
  const unread: string[] = [];
  for (const [key, schema] of Object.entries(shape)) {
    if (written[key] === undefined) continue;
    const result = schema.safeParse(written[key]);
    if (result.success) sections[key] = result.data;
    else unread.push(key);
  }
  return { ...(sections as Partial<WrittenContract>), unread };
}

function sectionDigests(value: unknown): Readonly<Record<string, Digest>> {
  const sections = Object.entries(value as Record<string, unknown>);
  return Object.fromEntries(sections.map(([key, section]) => [key, digestOf(section)]));
}

function inFileOrder(problems: readonly FoundProblem[], source: YamlSource, file: string): readonly ContractProblem[] {
  const first = problems.toSorted((a, b) => a.range[0] - b.range[0]).slice(0, mostProblems);
  return first.map((problem) => placed(problem, source, file));
}
