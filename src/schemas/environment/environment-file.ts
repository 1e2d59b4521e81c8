import * as z from 'zod';
import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type {
  EnvironmentPolicy,
  EnvironmentTerms,
  RecordedPool,
} from '../../core/fleet/environment/environment-record.ts';
import { defined, dnsLabel, relativePath } from '../contract/contract-forms.ts';
import { findBookProblems, priceBookSchema, toPriceBook } from '../prices/price-book-schema.ts';
import { isShortForm } from '../prices/read-price-book.ts';
import { shortPricesSchema, toBookOfShort } from '../prices/short-prices.ts';
import { readYamlFile, type YamlFileWords } from '../source/yaml-file.ts';
import { fileTrustKeys } from './trust-terms.ts';
import {
  filePolicy,
  hasPlatform,
  isPoolKept,
  namespaceAlone,
  placeShape,
  poolClasses,
  poolElsewhere,
  warmPool,
  warmPoolAtMost,
} from './environment-terms.ts';

/** What `environment.yaml` says; the classes of the pool are written, or those of the snapshot that it names. */
export interface EnvironmentFile extends Omit<EnvironmentTerms, 'pool'> {
  readonly pool?: RecordedPool & { readonly snapshot?: string };
}

const poolSchema = z
  .strictObject({ name: dnsLabel, snapshot: relativePath.optional(), classes: poolClasses.optional() })
  .transform(defined);

const shapeWith = <Prices extends z.ZodType>(prices: Prices) => ({
  ...placeShape,
  prices: prices.optional(),
  pool: poolSchema.optional(),
  policy: filePolicy.optional(),
  warmPool: warmPool.optional(),
});
const schemaWith = <Prices extends z.ZodType>(prices: Prices) =>
  z
    .strictObject(shapeWith(prices))
    .refine(hasPlatform, { path: ['namespace'], message: namespaceAlone })
    .refine(isPoolKept, { path: ['warmPool'], message: poolElsewhere })
    .transform(defined);

const bookSchema = priceBookSchema.transform((written, context) => {
  const book = toPriceBook(written);
  for (const { where, what } of findBookProblems(written, book)) {
    const [, key = where, index] = /^(\w+)\[(\d+)\]/.exec(where) ?? [];
    const path = index === undefined ? [key] : [key, Number(index)];
    context.issues.push({ code: 'custom', input: written, path, message: what });
  }
  return book;
});
const withShortPrices = schemaWith(shortPricesSchema.transform(toBookOfShort));
const withBook = schemaWith(bookSchema);

const policyKeys = ['neverWaived', 'allowedRegistries', 'falseAlarms', 'falseAlarmWeights', ...fileTrustKeys];

/** The keys below each section, for the word that was most likely meant. */
const keysBelow: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(shapeWith(bookSchema)),
  prices: [...Object.keys(shortPricesSchema.shape), ...Object.keys(priceBookSchema.shape)],
  pool: ['name', 'snapshot', 'classes'],
  policy: policyKeys,
};

/** What a value looks like, by key. */
const forms: Readonly<Record<string, string>> = {
  platform: '`local` or `kubernetes`',
  namespace: 'a name such as `vision`',
  prices: '`{ currency: EUR, accelerators: { default: 2.50/h } }`',
  pool: '`{ name: h100-eu, snapshot: pools/h100-eu.json }`',
  policy: '`{ neverWaived: [evaluation], allowedRegistries: [oci://ghcr.io/acme] }`',
  'policy.neverWaived': 'kinds of evidence, as `[evaluation, golden]`',
  'policy.allowedRegistries': 'places, as `[oci://ghcr.io/acme]`',
  'policy.serial': 'a whole number that grows with each change, such as `7`',
  'policy.longestWaiver': 'a duration such as `14d`',
  'policy.approvers': 'names of tokens, as `[ada, grace]`',
  'policy.keys':
    'keys as `plimsoll key create NAME` prints them: `- { name: ci, key: ed25519:..., expires: 2027-01-31 }`',
  'policy.evidenceFrom': 'kinds, or `any`, as `{ any: { keys: [ci] }, golden: { senders: [ci] } }`',
  'policy.sigstoreRoot': '`sha256:` and what `sha256sum trusted_root.json` prints',
  'policy.artifactKeys': 'public keys in PEM, as `- { name: release, key: ... }`',
  'policy.artifactsFrom': '`image` and `model`, as `{ image: { keys: [release] } }`',
  'policy.falseAlarms': 'a count per time of all services together, such as `1 per 1d`',
  warmPool: `a whole number of spares from 0 to ${warmPoolAtMost}, such as \`2\``,
  'policy.falseAlarmWeights': 'names of services with numbers from 0.001 to 1000, as `{ fraud: 3 }`',
};

const words: YamlFileWords = {
  code: 'environment-invalid',
  keysBelow,
  forms,
  next: nextStep(coreSteps, 'environment-invalid'),
};

/**
 * Reads `environment.yaml`, under the bounds of a contract.
 * @throws PlimsollError `environment-invalid` (input) with each problem: key, file, line and column.
 */
export function readEnvironmentFile(bytes: Uint8Array, file: string): EnvironmentFile {
  return readYamlFile<unknown>(bytes, file, words, (value) => {
    const schema = isShortForm(pricesOf(value)) ? withShortPrices : withBook;
    return { schema, value: value ?? {} };
  }) as EnvironmentFile;
}

const policyAlone = z.strictObject({ policy: filePolicy });

/**
 * Reads a file that holds a policy alone: what `policy` of `environment.yaml` holds, without that key.
 * @throws PlimsollError as `readEnvironmentFile`; `environment-invalid` (input) for a file that holds nothing.
 */
export function readPolicyFile(bytes: Uint8Array, file: string): EnvironmentPolicy {
  const read = readYamlFile(bytes, file, words, (value) => ({
    schema: policyAlone,
    value: { policy: value ?? null },
    below: 'policy',
  }));
  return read.policy as EnvironmentPolicy;
}

const pricesOf = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'prices' in value ? value.prices : undefined;
