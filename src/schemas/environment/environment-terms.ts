import * as z from 'zod';
import {
  policyProblem,
  termKeys,
  type EnvironmentPolicy,
  type EnvironmentRecord,
  type EnvironmentTerms,
} from '../../core/fleet/environment/environment-record.ts';
import { registryProblem } from '../../core/registry/allowed-registries.ts';
import { countRate, defined, dnsLabel } from '../contract/contract-forms.ts';
import { digestSchema } from '../http/release/http-artifact.ts';
import { evidenceKindSchema } from '../http/http-evidence.ts';
import { answeredTrustShape, fileTrustShape, wireTrustShape } from './trust-terms.ts';
import { anyWirePrices, wirePriceBook } from '../prices/wire-price-book.ts';

/** A class of devices is a line of text; a fleet has a few. */
const [classesAtMost, placesAtMost, weightsAtMost] = [1_000, 100, 10_000];

export const poolClasses = z
  .array(z.strictObject({ digest: digestSchema, accelerator: z.enum(['cpu', 'nvidia']), text: z.string().max(500) }))
  .max(classesAtMost);
const wirePool = z.strictObject({ name: dnsLabel, classes: poolClasses.optional() }).transform(defined);

const wireRate = z.object({ count: z.number().positive().max(1e9), perMs: z.number().positive().max(1e12) });
const weights = z
  .record(dnsLabel, z.number().min(0.001).max(1_000))
  .refine((all) => Object.keys(all).length <= weightsAtMost);

const policyShape = {
  neverWaived: z.array(evidenceKindSchema).max(50).optional(),
  allowedRegistries: z
    .array(
      z.string().superRefine((place, context) => {
        const message = registryProblem(place);
        if (message !== null) context.addIssue({ code: 'custom', message: `\`${place.slice(0, 200)}\`: ${message}` });
      }),
    )
    .max(placesAtMost)
    .optional(),
  falseAlarmWeights: weights.optional(),
};

/** A rate is text in the file, and numbers on the wire. */
export const filePolicy = z
  .strictObject({ ...policyShape, ...fileTrustShape, falseAlarms: countRate().optional() })
  .transform(({ longestWaiver, ...policy }) =>
    defined({ ...policy, ...(longestWaiver === undefined ? {} : { longestWaiverMs: longestWaiver }) }),
  )
  .superRefine(checkPolicy);
const wirePolicy = z
  .strictObject({ ...policyShape, ...wireTrustShape, falseAlarms: wireRate.optional() })
  .transform(defined)
  .superRefine(checkPolicy);

/** What no single value shows: a rule that names a key which is not there, two keys of one name. */
function checkPolicy(policy: unknown, context: z.RefinementCtx): void {
  const problem = policyProblem({ policy: policy as EnvironmentPolicy }, 'this environment');
  if (problem !== null) context.addIssue({ code: 'custom', message: problem });
}

/** A spare is a process with its runtime loaded, and takes a replica's devices. */
export const warmPoolAtMost = 100;
export const warmPool = z.number().int().min(0).max(warmPoolAtMost);

/** What the record has of the platform, in the file and on the wire. */
export const placeShape = { platform: z.enum(['local', 'kubernetes']).optional(), namespace: dnsLabel.optional() };

export const namespaceAlone = 'a namespace is of the platform `kubernetes`: write `platform: kubernetes` as well';
export const poolElsewhere =
  'a warm pool is kept by the platform `local` alone: on Kubernetes no spare is kept; leave `warmPool` out';
export const isPoolKept = (of: { platform?: string | undefined; warmPool?: number | undefined }): boolean =>
  of.platform !== 'kubernetes' || (of.warmPool ?? 0) === 0;
export const hasPlatform = (of: { platform?: string | undefined; namespace?: string | undefined }): boolean =>
  of.namespace === undefined || of.platform === 'kubernetes';

/** The body of a request. */
export const environmentTermsSchema = z
  .strictObject({
    ...placeShape,
    prices: anyWirePrices.optional(),
    pool: wirePool.optional(),
    policy: wirePolicy.optional(),
    warmPool: warmPool.optional(),
  })
  .refine(hasPlatform, { path: ['namespace'], message: namespaceAlone })
  .refine(isPoolKept, { path: ['warmPool'], message: poolElsewhere })
  .transform(defined) as unknown as z.ZodType<EnvironmentTerms>;

/** Keys with commas, in the query of a request. */
export const termKeysSchema = z
  .string()
  .max(200)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(termKeys)));

/** In an answer: a newer control plane may say more. */
export const environmentRecordSchema: z.ZodType<EnvironmentRecord> = z.object({
  environment: z.string(),
  version: z.number().int(),
  by: z.string(),
  atMs: z.number(),
  platform: z.enum(['local', 'kubernetes']).exactOptional(),
  namespace: z.string().exactOptional(),
  prices: wirePriceBook.exactOptional(),
  pool: z
    .object({
      name: z.string(),
      classes: z
        .array(z.object({ digest: digestSchema, accelerator: z.enum(['cpu', 'nvidia']), text: z.string() }))
        .exactOptional(),
    })
    .exactOptional(),
  policy: z
    .object({
      neverWaived: z.array(evidenceKindSchema).exactOptional(),
      allowedRegistries: z.array(z.string()).exactOptional(),
      falseAlarms: z.object({ count: z.number(), perMs: z.number() }).exactOptional(),
      falseAlarmWeights: z.record(z.string(), z.number()).exactOptional(),
      ...answeredTrustShape,
    })
    .exactOptional(),
  warmPool: z.number().exactOptional(),
});

/** As a client reads an answer: a control plane before price books answers the short form. */
export const anyEnvironmentRecord = z.preprocess((value) => {
  const read = z.looseObject({ prices: anyWirePrices }).safeParse(value);
  return read.success ? read.data : value;
}, environmentRecordSchema);
