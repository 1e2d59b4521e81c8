import type { Contract, LoadedContract } from '../contract/contract.ts';
import { defaults } from '../contract/defaults.ts';
import { digestOfPrograms, feastSources, hasFeatureFiles } from '../contract/feature-programs.ts';
import { digestOf, type Digest } from '../units/digest.ts';
import type { FeatureSources, FeatureViews } from './features/feature-view.ts';
import { unpinnedViews } from './features/pinned-views.ts';
import { readCapacityMeasurements } from './kinds/capacity/capacity-measurements.ts';
import { digestOfMix } from './kinds/capacity/request-mix.ts';
import { readScaling } from './kinds/scaling/scaling-measurements.ts';
import { kindsOf, kindTable, type KindTable } from './kinds/table.ts';
import type { LockedEnvironment } from './lock/lock.ts';
import { digestOfSet, evidenceSubject, type SubjectDigests } from './subjects.ts';

/** What a judge knows of now. What it leaves out of `store` and `nodes` is judged again on release, by who knows it. */
export interface PresentFacts {
  readonly loaded: LoadedContract;
  /** Null when the lock has no such environment. */
  readonly locked: LockedEnvironment | null;
  /** Of the code as it is now; null when it cannot be told, as for an image that only the lock knows. */
  readonly codeDigest: Digest | null;
  /** Of the file that `cost.prices` names, or of the prices of the environment's record; null when there are none. */
  readonly pricesDigest: Digest | null;
  /** Of the trace that scaling evidence names, as it is now; null where it is not there, or none is named. */
  readonly traceDigest?: Digest | null;
  /** Of the tables that `verify` judges by; null where nobody asks for it. */
  readonly ruleTables: Digest | null;
  /** Of the files that user-defined metrics are made of, by path; undefined where there are none. */
  readonly metricFiles?: Readonly<Record<string, Digest>> | undefined;
  /** Of the files that compute features, by path; as the lock pins them where it is left out. */
  readonly featureFiles?: Readonly<Record<string, Digest>> | undefined;
  /** As the Feast registry has them now, or why it cannot be read; as the lock pins them where it is left out. */
  readonly featureViews?: FeatureViews | { readonly unreadable: string } | undefined;
  /** Of the classes that the pool file beside the contract holds; null where the environment names no pool. */
  readonly deviceClasses: readonly Digest[] | null;
  /** The version to go back to that the last drill showed; null where none was, or its files are gone. */
  readonly previousModel?: Digest | null;
  /** Only of a judge that has the store: the model as its files there make it; null where they are not there. */
  readonly store?: { readonly model: Digest | null };
  /** Only of a judge that sees the nodes. */
  readonly nodes?: NodeSubjects;
}

/** What nodes tell of evidence; each with a reason where it cannot be read now. */
export interface NodeSubjects {
  readonly runtime: Readonly<Record<string, string>> | { readonly unreadable: string };
  /** Classes of the devices that a replica may land on. */
  readonly deviceClasses: readonly Digest[] | { readonly unreadable: string };
}

/** Every subject as a judge knows it. */
export interface Present {
  readonly digests: SubjectDigests;
  /** What could be known and is not, with the reason: evidence of it is unknown. */
  readonly unknown: Readonly<Record<string, string>>;
  /** What this judge takes from the lock, and whoever releases will look at. */
  readonly later: readonly string[];
}

/** Every subject as it is now, and what is not known of it. */
export function readPresent(facts: PresentFacts, table: KindTable = kindTable): Present {
  const { nodes, store } = facts;
  const unknown: Record<string, string> = {};
  if (nodes !== undefined && isUnreadable(nodes.runtime)) unknown['runtime'] = nodes.runtime.unreadable;
  if (nodes !== undefined && isUnreadable(nodes.deviceClasses)) {
    unknown['device-classes'] = nodes.deviceClasses.unreadable;
  }
  const views = unknownViews(facts);
  if (views !== null) unknown['feature-views'] = views;
  if (store !== undefined && store.model === null) unknown['model'] = 'its files are not there';
  const reached = { store: store !== undefined, nodes: nodes !== undefined };
  const rules = kindsOf(table).flatMap((kind) => table[kind].subjects);
  const later = rules.filter(({ knownBy }) => (knownBy === 'store' || knownBy === 'nodes') && !reached[knownBy]);
  const digests = Object.entries(presentSubjects(facts, table)).filter(([subject]) => unknown[subject] === undefined);
  return {
    digests: Object.fromEntries(digests),
    unknown,
    later: [...new Set(later.map(({ subject }) => subject))],
  };
}

export const isUnreadable = (known: object): known is { readonly unreadable: string } =>
  typeof (known as { readonly unreadable?: unknown }).unreadable === 'string';

/**
 * Digests of every subject as it is now; one that is not there has no entry. The contract and the files beside it are read
 * as they are. Model, runtime and device classes are as the store and the nodes have them, where the judge knows those,
 * and else as the lock pins them.
 */
export function presentSubjects(facts: PresentFacts, table: KindTable = kindTable): SubjectDigests {
  const { loaded, locked, codeDigest, pricesDigest, store } = facts;
  const { contract, sectionDigests } = loaded;
  const data = (name: string | undefined): Digest | undefined =>
    name === undefined ? undefined : locked?.data[name]?.digest;
  const found: Readonly<Record<string, Digest | undefined>> = {
    ...Object.fromEntries(Object.entries(sectionDigests).map(([name, digest]) => [`contract.${name}`, digest])),
    code: codeDigest ?? locked?.code?.digest,
    model: store === undefined ? locked?.model?.digest : (store.model ?? undefined),
    'golden-set': data(contract.monitoring?.golden),
    reference: data(contract.monitoring?.reference),
    dataset: data(contract.evaluation?.dataset),
    'evaluation-question': evaluationQuestion(contract, facts.metricFiles ?? {}),
    features: featuresOf(facts),
    'feature-views': viewsOf(facts),
    arrivals: arrivalsOf(locked, facts.traceDigest ?? null),
    'request-mix': mixOf(locked),
    capture: contract.monitoring?.capture === undefined ? undefined : digestOf(contract.monitoring.capture),
    tier: contract.coldStart === undefined ? undefined : digestOf(contract.coldStart.from),
    prices: pricesDigest ?? (store === undefined ? pricesOfRecord(facts) : undefined),
    runtime: runtimeOf(facts),
    'device-classes': classesOf(facts),
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
 * A contract that names no prices has those of its environment, which a checkout does not see: they are taken to be the ones
 * that were measured, and judged on release.
 */
function pricesOfRecord({ loaded, locked }: PresentFacts): Digest | undefined {
  return loaded.contract.cost?.prices === undefined ? locked?.evidence.scaling?.subjects['prices'] : undefined;
}

function runtimeOf({ locked, nodes }: PresentFacts): Digest | undefined {
  if (nodes !== undefined) return isUnreadable(nodes.runtime) ? undefined : digestOf(nodes.runtime);
  return locked === null ? undefined : digestOf(locked.runtime);
}

/**
 * A pool may shrink, and a node of a class that was measured is as good as all of them: while every class of the nodes is
 * among those that the lock pins, they are the pinned ones.
 */
function classesOf({ locked, nodes, deviceClasses }: PresentFacts): Digest | undefined {
  const pinned = locked?.deviceClasses ?? [];
  if (nodes === undefined) return digestOfClasses(deviceClasses ?? pinned);
  if (isUnreadable(nodes.deviceClasses)) return undefined;
  const present = nodes.deviceClasses;
  const isPinned = present.length > 0 && present.every((one) => pinned.includes(one));
  return digestOfClasses(isPinned ? pinned : present);
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

/** The mix that capacity evidence says it is of, by its own summary: a summary that was edited is another mix. */
function mixOf(locked: LockedEnvironment | null): Digest | undefined {
  const measured = locked?.evidence.capacity;
  const mix = measured === undefined ? undefined : readCapacityMeasurements(measured.measurements)?.mix;
  return mix === undefined ? undefined : digestOfMix(mix);
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

/** Files that compute the features of a service, beside what this program reads by itself. */
function featuresOf({ loaded: { contract }, locked, featureFiles }: PresentFacts): Digest | undefined {
  if (!hasFeatureFiles(contract)) return undefined;
  return digestOfPrograms(contract.monitoring?.features ?? [], featureFiles ?? locked?.features ?? {});
}

function viewsOf(facts: PresentFacts): Digest | undefined {
  const { featureViews = facts.locked?.featureViews } = facts;
  if (feastSources(facts.loaded.contract).length === 0 || featureViews === undefined) return undefined;
  return isUnreadable(featureViews) ? undefined : digestOf(featureViews);
}

/** Why the present feature views are not known; null where they are, or none are named. */
function unknownViews({ loaded, locked, featureViews }: PresentFacts): string | null {
  const sources = feastSources(loaded.contract);
  if (sources.length === 0) return null;
  if (featureViews !== undefined) return isUnreadable(featureViews) ? featureViews.unreadable : null;
  const missing = unpinnedViews(sources, locked?.featureViews ?? {});
  return missing.length === 0 ? null : `the lock does not pin ${missing.join(', ')}`;
}

/** What computes features now, for the words of a reason; what cannot be read is as the lock pins it. */
export function presentFeatures({ locked, featureFiles, featureViews }: PresentFacts): FeatureSources {
  const views = featureViews === undefined || isUnreadable(featureViews) ? locked?.featureViews : featureViews;
  return { files: featureFiles ?? locked?.features ?? {}, views: views ?? {} };
}

const digestOfClasses = (classes: readonly Digest[]): Digest | undefined =>
  classes.length === 0 ? undefined : digestOfSet(classes);

/** Names of the data versions that a contract speaks of. */
export function dataNames({ contract }: LoadedContract): readonly string[] {
  const names = [contract.monitoring?.golden, contract.monitoring?.reference, contract.evaluation?.dataset];
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}
