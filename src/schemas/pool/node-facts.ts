import * as z from 'zod';
import type { $ZodIssue } from 'zod/v4/core';
import { coreSteps } from '../../core/units/next-steps/core-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';
import { isNodeName } from '../../core/pool/node-name.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { decodeText } from '../source/source-text.ts';
import { preflightSchema } from './preflight.ts';
import { deviceStateForm } from './device-state.ts';

/** Marks the JSON of `plimsoll probe --json`, so that a file says by itself what it is. */
export const nodeFactsFormat = 'plimsoll.dev/node-facts/v1';

/** Sixteen boards with seven instances each are 100 kB. */
const mostBytes = 8 * 1024 * 1024;

const text = z.string().min(1).max(1000);
const count = z.int().nonnegative();
const bytes = z.int().nonnegative();
const unknown = z.record(z.string().min(1).max(200), text);

const link = z.strictObject({
  generation: count.nullable(),
  maxGeneration: count.nullable(),
  width: count.nullable(),
  maxWidth: count.nullable(),
});

const mig = z.strictObject({
  capable: z.boolean().nullable(),
  enabled: z.boolean(),
  instances: z
    .array(
      z.strictObject({
        profile: text.nullable(),
        uuid: text.nullable(),
        memoryBytes: bytes.nullable(),
        multiprocessors: count.nullable(),
        placement: z.strictObject({ start: count, size: count }).nullable(),
      }),
    )
    .max(256),
});

export const deviceFactsSchema: z.ZodType<DeviceFacts> = z.strictObject({
  index: count.nullable(),
  uuid: text.nullable(),
  product: text.nullable(),
  brand: text.nullable(),
  architecture: text.nullable(),
  pciDeviceId: z
    .string()
    .regex(/^0x[0-9A-F]{8}$/, { error: 'expected device and vendor such as 0x20B010DE' })
    .nullable(),
  pciBusId: text.nullable(),
  computeCapability: z
    .string()
    .regex(/^\d{1,3}\.\d{1,3}$/, { error: 'expected a compute capability such as 8.0' })
    .nullable(),
  memoryBytes: bytes.nullable(),
  reservedBytes: bytes.nullable(),
  driver: text.nullable(),
  driverCuda: text.nullable(),
  mig: mig.nullable(),
  sharing: z.enum(['exclusive', 'mig', 'mps', 'time-slicing']).nullable(),
  replicas: z.int().min(1).exactOptional(),
  state: deviceStateForm.exactOptional(),
  eccEnabled: z.boolean().nullable(),
  numaNode: count.nullable(),
  link: link.nullable(),
  powerLimitWatts: z.number().nonnegative().nullable(),
  throttleReasons: z.array(text).max(100).nullable(),
  certainty: z.enum(['device', 'node', 'declared']),
  unknown,
});

/** Facts of one node, as `probe --json` and pool snapshots hold them. */
export const nodeFactsSchema: z.ZodType<NodeFacts> = z.strictObject({
  name: z.string().refine(isNodeName, { error: 'expected a name of one line' }),
  source: z.enum(['nvml', 'nvidia-smi', 'resource-slice', 'node-labels', 'declared', 'proc']),
  takenAtMs: z.number().nonnegative().nullable(),
  labels: z.record(z.string().max(400), z.string().max(400)),
  allocatable: z.record(z.string().max(400), count),
  cpu: z
    .strictObject({
      architecture: text,
      model: text.nullable(),
      cores: count.nullable(),
      features: z.array(text).max(2000).nullable(),
    })
    .nullable(),
  memoryBytes: bytes.nullable(),
  kernel: text.nullable(),
  containerToolkit: text.nullable(),
  devices: z.array(deviceFactsSchema).max(1024).nullable(),
  unlisted: z.array(text).min(1).max(1024).exactOptional(),
  preflight: preflightSchema.exactOptional(),
  unknown,
});

/** What `probe --json` prints. */
export interface NodeFactsFile {
  readonly format: typeof nodeFactsFormat;
  readonly node: NodeFacts;
  /** What more would be known, and what it takes. */
  readonly withPrivilege: readonly string[];
}

export const nodeFactsFileSchema: z.ZodType<NodeFactsFile> = z.strictObject({
  format: z.literal(nodeFactsFormat),
  node: nodeFactsSchema,
  withPrivilege: z.array(text).max(100),
});

/** @throws PlimsollError `node-facts-invalid` (input) with the file and the key. */
export function readNodeFacts(file: Uint8Array, name: string): NodeFacts {
  const decoded = decodeText(file, mostBytes);
  if (!decoded.ok) throw invalid(`${name}:${decoded.line}: ${decoded.message}`);
  const value = parseJson(decoded.text, name);
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined;
  if (format !== nodeFactsFormat) throw wrongFormat(format, name);
  const result = nodeFactsFileSchema.safeParse(value, { jitless: true });
  if (!result.success) throw invalid(`${name}: ${result.error.issues.slice(0, 5).map(sentence).join('; ')}`);
  return result.data.node;
}

function parseJson(json: string, name: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw invalid(`${name} is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

function wrongFormat(format: unknown, name: string): PlimsollError {
  return invalid(
    format === undefined
      ? `${name} has no key format, so that it is no output of plimsoll probe`
      : `${name} has format ${JSON.stringify(format)?.slice(0, 100)}; this version reads ${nodeFactsFormat}`,
  );
}

function sentence(issue: $ZodIssue): string {
  const path = issue.path.map(String).join('.');
  return `${path === '' ? 'the file' : `\`${path}\``}: ${issue.message}`;
}

function invalid(message: string, cause?: unknown): PlimsollError {
  return new PlimsollError({
    code: 'node-facts-invalid',
    category: 'input',
    message,
    next: nextStep(coreSteps, 'node-facts-invalid'),
    cause,
  });
}
