import type { Accelerator, EnvironmentSection } from '../../contract/contract.ts';
import type { PriceBook } from '../../cost/prices/price-book.ts';
import { priceTexts } from '../../cost/prices/price-texts.ts';
import { asPriceBook, type ShortPrices } from '../../cost/prices/short-prices.ts';
import type { FleetAlarms } from '../../monitoring/alarms/fleet-share.ts';
import type { EvidenceKind } from '../../evidence/lock/lock.ts';
import { findPolicyProblem, type TrustPolicy } from '../../trust/trust-policy.ts';
import { trustTexts } from '../../trust/trust-texts.ts';
import { formatCountRate } from '../../units/quantity/quantity-rate.ts';
import { shortDigest, type Digest } from '../../units/digest.ts';

/** What holds for every service of an environment. A key that is not written says nothing. */
export interface EnvironmentTerms {
  readonly platform?: EnvironmentSection['platform'];
  /** Kubernetes namespace. */
  readonly namespace?: string;
  readonly prices?: PriceBook;
  readonly pool?: RecordedPool;
  readonly policy?: EnvironmentPolicy;
  /** Of a record that is there and cannot be read; no release goes by it. */
  readonly unreadable?: true;
  /** Free spares that are kept for each group of services that one spare fits. */
  readonly warmPool?: number;
}

export interface RecordedPool {
  readonly name: string;
  /** Of the snapshot that it was recorded from; left out where the record has the name alone. */
  readonly classes?: readonly RecordedClass[];
}

/** One class of devices, or of CPUs, of the pool. */
export interface RecordedClass {
  readonly digest: Digest;
  readonly accelerator: Accelerator;
  readonly text: string;
}

/** It delays no rollback. */
export interface EnvironmentPolicy extends FleetAlarms, TrustPolicy {
  /** Kinds of evidence that no release goes without. */
  readonly neverWaived?: readonly EvidenceKind[];
  /** Places below which models are fetched; it takes the place of PLIMSOLL_REGISTRIES. None where the list is empty. */
  readonly allowedRegistries?: readonly string[];
}

/** The record of one environment as the store has it. */
export interface EnvironmentRecord extends EnvironmentTerms {
  readonly environment: string;
  /** From 1; each change is one more. */
  readonly version: number;
  readonly by: string;
  readonly atMs: number;
}

/** A record as earlier versions stored it: its prices may be in the short form. */
export type StoredEnvironmentRecord = Omit<EnvironmentRecord, 'prices'> & {
  readonly prices?: PriceBook | ShortPrices;
};

/** Returns a stored record with a price book, whichever version stored it. */
export function readStoredRecord({ prices, ...record }: StoredEnvironmentRecord): EnvironmentRecord {
  return prices === undefined ? record : { ...record, prices: asPriceBook(prices) };
}

/** The keys of a record, and of a contract's side of it; `clear` takes one away. */
export const termKeys = [
  'platform',
  'namespace',
  'prices',
  'pool',
  'policy',
  'warmPool',
] as const satisfies readonly (keyof EnvironmentTerms)[];
export type TermKey = (typeof termKeys)[number];

/** The terms of a record alone. */
export function termsOf(terms: EnvironmentTerms): EnvironmentTerms {
  return Object.fromEntries(termKeys.flatMap((key) => (terms[key] === undefined ? [] : [[key, terms[key]]])));
}

/** What terms say, by key and in text for people. */
export function termTexts(terms: EnvironmentTerms): Readonly<Record<string, string>> {
  const { platform, namespace, prices, pool, policy, warmPool } = terms;
  return {
    ...(platform === undefined ? {} : { platform }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(prices === undefined ? {} : priceTexts(prices)),
    ...(pool === undefined ? {} : { 'pool.name': pool.name }),
    ...(pool?.classes === undefined ? {} : { 'pool.classes': classesText(pool.classes) }),
    ...(policy?.neverWaived === undefined ? {} : { 'policy.neverWaived': listText(policy.neverWaived) }),
    ...(policy?.allowedRegistries === undefined
      ? {}
      : { 'policy.allowedRegistries': listText(policy.allowedRegistries) }),
    ...(policy?.falseAlarms === undefined ? {} : { 'policy.falseAlarms': formatCountRate(policy.falseAlarms) }),
    ...(policy?.falseAlarmWeights === undefined
      ? {}
      : { 'policy.falseAlarmWeights': weightsText(policy.falseAlarmWeights) }),
    ...(policy === undefined ? {} : trustTexts(policy)),
    ...(warmPool === undefined ? {} : { warmPool: String(warmPool) }),
  };
}

const otherPolicyKeys = ['neverWaived', 'allowedRegistries', 'falseAlarms', 'falseAlarmWeights'] as const;

/** Why the policy of a record cannot be used, as a sentence; null where it can, or there is none. */
export function policyProblem(
  { policy, unreadable }: Pick<EnvironmentTerms, 'policy' | 'unreadable'>,
  environment: string,
): string | null {
  if (unreadable === true) return `the record of ${environment} cannot be read, and its policy with it`;
  const problem = findPolicyProblem(policy, otherPolicyKeys);
  return problem === null ? null : `the policy of ${environment} cannot be read: it ${problem}`;
}

export interface TermChange {
  readonly key: string;
  /** Null where the key was not written. */
  readonly before: string | null;
  readonly after: string | null;
}

/** What a change of a record changes, in order of the keys. */
export function termChanges(before: EnvironmentTerms, after: EnvironmentTerms): readonly TermChange[] {
  const [then, now] = [termTexts(before), termTexts(after)];
  return [...new Set([...Object.keys(then), ...Object.keys(now)])]
    .filter((key) => then[key] !== now[key])
    .map((key) => ({ key, before: then[key] ?? null, after: now[key] ?? null }));
}

/** `cpu x86_64 EPYC (1f2e3d4c5b6a); ...`, in order of the digests. */
export function classesText(classes: readonly Pick<RecordedClass, 'digest' | 'text'>[]): string {
  const sorted = classes.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  return listText(
    sorted.map(({ digest, text }) => `${text} (${shortDigest(digest)})`),
    '; ',
  );
}

const weightsText = (weights: Readonly<Record<string, number>>): string =>
  listText(Object.entries(weights).map(([service, weight]) => `${service} ${weight}`));

const listText = (words: readonly string[], between = ', '): string =>
  words.length === 0 ? 'none' : words.join(between);
