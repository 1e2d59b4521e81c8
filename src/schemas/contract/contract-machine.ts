import * as z from 'zod';
import { quantileName } from '../../core/contract-keys/keys.ts';
import { defaults } from '../../core/contract/defaults.ts';
import { requiredFacts, type QuantileBudget } from '../../core/contract/contract.ts';
import { formatDuration } from '../../core/units/quantity/quantity-duration.ts';
import {
  addIssue,
  artifactName,
  bytes,
  defined,
  once,
  positiveDurationMs,
  share,
  versionRange,
} from './contract-forms.ts';

const distinct = <T extends z.ZodType<string>>(item: T) =>
  z
    .array(item)
    .min(1)
    .max(16)
    .check((context) => {
      context.value.forEach((value, index) => {
        if (context.value.indexOf(value) === index) return;
        addIssue(context.issues, value, `\`${value}\` is listed twice`, { expected: 'each once' }, [index]);
      });
    });

/** Keys that speak of an accelerator, which the CPU is not. */
const acceleratorKeys = ['computeCapability', 'memory', 'driver', 'cuda', 'sharing', 'libraries', 'require'] as const;

const libraryName = z.string().regex(/^[\w.+-]{1,128}$/);

const hostShare = () =>
  z
    .strictObject({
      cpus: z.number().min(0.001).max(1024).optional(),
      memory: bytes().optional(),
      shmSize: bytes().optional(),
    })
    .check((context) => {
      const { memory, shmSize } = context.value;
      if (memory === undefined || shmSize === undefined || shmSize < memory) return;
      const message =
        'what is written to `/dev/shm` counts as memory of the replica, and `memory` leaves it no more than that';
      const expected = 'a `memory` above `shmSize`';
      addIssue(context.issues, shmSize, message, { code: 'contradiction', expected }, ['shmSize']);
    })
    .transform(({ cpus, memory, shmSize }) => defined({ cpus, memoryBytes: memory, shmBytes: shmSize }));

export const hardwareSection = () =>
  z
    .strictObject({
      accelerator: z.enum(['nvidia', 'cpu']),
      computeCapability: versionRange().optional(),
      memory: bytes().optional(),
      host: hostShare().optional(),
      devices: z.int().min(1).max(64).default(defaults.devices),
      driver: versionRange().optional(),
      cuda: versionRange().optional(),
      runtime: z.record(artifactName, versionRange()).default({}),
      sharing: distinct(z.enum(['exclusive', 'mig', 'mps', 'time-slicing'])).optional(),
      allow: distinct(z.enum(['native', 'minor-version', 'forward'])).default([...defaults.allow]),
      libraries: distinct(libraryName).optional(),
      require: distinct(z.enum(requiredFacts)).optional(),
      preflight: positiveDurationMs().optional(),
      instructions: distinct(z.string().regex(/^[a-z][a-z0-9_]{1,31}$/)).optional(),
    })
    .check((context) => {
      if (context.value.accelerator !== 'cpu') return;
      const written: Readonly<Record<string, unknown>> = context.value;
      for (const key of acceleratorKeys.filter((candidate) => written[candidate] !== undefined)) {
        addIssue(
          context.issues,
          context.value,
          `\`${key}\` speaks of an accelerator, and \`accelerator: cpu\` has none`,
          { code: 'contradiction', expected: `no \`${key}\`, or \`accelerator: nvidia\`` },
          [key],
        );
      }
    })
    .transform(({ memory, preflight, sharing = [...defaults.sharing], ...rest }) =>
      defined({ ...rest, sharing, memoryBytes: memory, preflightMaxAgeMs: preflight }),
    );

const quantileOf = (name: string): number => Number(name.slice(1));

/** `{ p50: 10ms, p99: 50ms }`: a higher quantile cannot have a lower limit. */
export const quantileBudget = once(() =>
  z
    .record(z.string().regex(quantileName), positiveDurationMs())
    .check((context) => {
      const entries = Object.entries(context.value);
      if (entries.length === 0) {
        addIssue(context.issues, context.value, 'no quantile is written', { expected: 'at least one, such as `p99`' });
      }
      const ordered = entries.sort(([a], [b]) => quantileOf(a) - quantileOf(b));
      ordered.forEach(([name, limitMs], index) => {
        const [lowerName, lowerMs] = ordered[index - 1] ?? ['', 0];
        if (limitMs >= lowerMs) return;
        const message = `\`${name}\` is below \`${lowerName}\`, which it contains`;
        addIssue(
          context.issues,
          limitMs,
          message,
          { code: 'contradiction', expected: `at least ${formatDuration(lowerMs)}` },
          [name],
        );
      });
    })
    .transform((value): QuantileBudget => value as QuantileBudget),
);

export const objectiveSection = () =>
  z
    .strictObject({
      latency: quantileBudget().optional(),
      ttft: quantileBudget().optional(),
      interToken: quantileBudget().optional(),
      goodput: share().optional(),
      availability: share().optional(),
      horizon: positiveDurationMs().optional(),
    })
    .check((context) => {
      const { goodput, latency, ttft, interToken } = context.value;
      if (goodput === undefined || latency !== undefined || ttft !== undefined || interToken !== undefined) return;
      const message = '`goodput` is the share of requests inside all limits, and no limit is written';
      const expected = 'a `latency`, `ttft` or `interToken` beside it';
      addIssue(context.issues, goodput, message, { code: 'contradiction', expected }, ['goodput']);
    })
    .transform(({ availability, goodput, horizon, ...rest }) =>
      defined({ ...rest, goodputShare: goodput, availabilityShare: availability, horizonMs: horizon }),
    );

const phases = ['schedule', 'image-pull', 'process-start', 'weights-fetch', 'weights-load', 'engine-init', 'warm-up'];
const phaseBudgets = () =>
  z
    .strictObject(Object.fromEntries(phases.map((phase) => [phase, quantileBudget().optional()])))
    .transform((value) => defined(value));

/**
 * The quantiles stand beside the other keys of the section: every further key is read as a limit, and one that is no
 * quantile is unknown.
 */
export const coldStartSection = () =>
  z
    .strictObject({
      from: z.enum(['memory', 'node-disk', 'fresh-node']).default(defaults.startTier),
      phases: phaseBudgets().default({}),
      prePull: z.boolean().default(false),
    })
    .catchall(positiveDurationMs())
    .check((context) => {
      const limits = limitsOf(context.value);
      const keys = Object.keys(limits).filter((key) => !quantileName.test(key));
      if (keys.length > 0) {
        context.issues.push({ code: 'unrecognized_keys', keys, input: context.value });
        return;
      }
      const budget = quantileBudget().safeParse(
        Object.fromEntries(Object.keys(limits).map((key) => [key, `${limits[key]}ms`])),
      );
      for (const issue of budget.error?.issues ?? []) context.issues.push({ ...issue, input: context.value } as never);
      for (const [phase, quantiles] of Object.entries(context.value.phases)) {
        for (const [name, limitMs] of Object.entries(quantiles ?? {})) {
          const wholeMs = limits[name];
          if (wholeMs === undefined || limitMs <= wholeMs) continue;
          addIssue(
            context.issues,
            limitMs,
            `the budget of one phase is above that of the whole start (${formatDuration(wholeMs)})`,
            { code: 'contradiction', expected: `at most ${formatDuration(wholeMs)}` },
            ['phases', phase, name],
          );
        }
      }
    })
    .transform(({ from, phases: phaseBudget, prePull, ...limits }) => ({
      budget: limits as QuantileBudget,
      from,
      phases: phaseBudget,
      prePull,
    }));

function limitsOf(section: Readonly<Record<string, unknown>>): Readonly<Record<string, number>> {
  const { from: _from, phases: _phases, prePull: _prePull, ...limits } = section;
  return limits as Record<string, number>;
}
