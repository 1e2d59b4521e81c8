import type { Contract, LoadedContract } from '../contract/contract.ts';
import { defaults } from '../contract/defaults.ts';
import { digestOf, type Digest } from '../units/digest.ts';
import { readScaling } from './kinds/scaling/scaling-measurements.ts';
import { kindsOf, kindTable, type KindTable } from './kinds/table.ts';
import type { LockedEnvironment } from './lock/lock.ts';
import { digestOfSet, evidenceSubject, type SubjectDigests } from './subjects.ts';

export interface PresentFacts {
  readonly loaded: LoadedContract;
  /** Null when the lock has no such environment. */
  readonly locked: LockedEnvironment | null;
  /** Of the code as it is now; null when it cannot be told, as for an image that only the lock knows. */
  readonly codeDigest: Digest | null;
  /** Of the file that `cost.prices` names; null when there is none. */
  readonly pricesDigest: Digest | null;
  /** Of the classes that the environment's pool holds now; null where it names no pool, and only the lock tells. */
  readonly deviceClasses: readonly Digest[] | null;
  /** Of the trace that scaling evidence names, as it is now; null where it is not there, or none is named. */
  readonly traceDigest?: Digest | null;
  /** The version to go back to that the last drill showed; null where none was, or its files are gone. */
  readonly previousModel?: Digest | null;
  /** Of the tables that `verify` judges by; null where nobody asks for it. */
  readonly ruleTables: Digest | null;
  /** Of the files that user-defined metrics are made of, by path; undefined where there are none. */
  readonly metricFiles?: Readonly<Record<string, Digest>> | undefined;
}

/**
 * Every subject as it is now. The contract and the files beside it, pools included, are read as they are; model, data
 * and runtime are what the lock pins, because offline nothing newer is known.
 */
export function presentSubjects(facts: PresentFacts, table: KindTable = kindTable): SubjectDigests {
  const { loaded, locked, codeDigest, pricesDigest } = facts;
  const { contract, sectionDigests } = loaded;
  const data = (name: string | undefined): Digest | undefined =>
    name === undefined ? undefined : locked?.data[name]?.digest;
  const found: Readonly<Record<string, Digest | undefined>> = {
    ...Object.fromEntries(Object.entries(sectionDigests).map(([name, digest]) => [`contract.${name}`, digest])),
    code: codeDigest ?? locked?.code?.digest,
    model: locked?.model?.digest,
    'golden-set': data(contract.monitoring?.golden),
    reference: data(contract.monitoring?.reference),
    dataset: data(contract.evaluation?.dataset),
    'evaluation-question': evaluationQuestion(contract, facts.metricFiles ?? {}),
    arrivals: arrivalsOf(locked, facts.traceDigest ?? null),
    capture: contract.monitoring?.capture === undefined ? undefined : digestOf(contract.monitoring.capture),
    tier: contract.coldStart === undefined ? undefined : digestOf(contract.coldStart.from),
    prices: pricesDigest ?? undefined,
    runtime: locked === null ? undefined : digestOf(locked.runtime),
    'device-classes': digestOfClasses(facts.deviceClasses ?? locked?.deviceClasses ?? []),
    'previous-model': facts.previousModel ?? undefined,
    'rule-tables': facts.ruleTables ?? undefined,
  };
  const evidence = kindsOf(table).flatMap((kind) => {
    const measured = locked?.evidence[kind];
    return measured === undefined ? [] : [[evidenceSubject(kind), digestOf(measured)] as const];
  });
  const present = Object.entries(found).filter((entry): entry is [string, Digest] => entry[1] !== undefined);
  return Object.fromEntries([...present, ...evidence]);
}

/**
 * What scaling evidence was simulated with: a trace that is still where it was is read again; one that is gone (traces are
 * large, and rarely in the checkout) is taken to be the same, because arrivals are a recording and not a part of the service. A
 * generated one is its text.
 */
function arrivalsOf(locked: LockedEnvironment | null, traceDigest: Digest | null): Digest | undefined {
  const measured = locked?.evidence.scaling;
  const arrivals = measured === undefined ? null : (readScaling(measured.measurements)?.arrivals ?? null);
  if (arrivals === null) return undefined;
  return arrivals.kind === 'generated' ? digestOf(arrivals.name) : (traceDigest ?? arrivals.digest);
}

/** What makes another measurement of the same answers; gates and slices do not, because the judge says what it misses. */
function evaluationQuestion(
  { evaluation }: Contract,
  metricFiles: Readonly<Record<string, Digest>>,
): Digest | undefined {
  if (evaluation === undefined) return undefined;
  const { task, label, output, metrics } = evaluation;
  const programs = Object.entries(metrics ?? {}).map(([name, { timeoutMs: _, ...metric }]) => [name, metric] as const);
  return digestOf({
    task,
    label: label ?? defaults.evaluationLabel,
    output,
    metrics: Object.fromEntries(programs),
    metricFiles,
  });
}

const digestOfClasses = (classes: readonly Digest[]): Digest | undefined =>
  classes.length === 0 ? undefined : digestOfSet(classes);

/** Names of the data versions that a contract speaks of. */
export function dataNames({ contract }: LoadedContract): readonly string[] {
  const names = [contract.monitoring?.golden, contract.monitoring?.reference, contract.evaluation?.dataset];
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
