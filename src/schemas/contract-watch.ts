import * as z from 'zod';
import { defaults } from '../core/contract/defaults.ts';
import {
  addIssue,
  defined,
  durationMs,
  moneyRate,
  positiveShare,
  relativePath,
  shareLimit,
  text,
  word,
} from './contract-forms.ts';

const notASignal = 'CPU is not a scaling signal: a replica that waits for its accelerator shows little of it';

const replicaLimits = () =>
  z
    .strictObject({
      min: z.int().min(0).max(10_000).default(defaults.minReplicas),
      max: z.int().min(1).max(10_000).optional(),
    })
    .transform(({ min, max }) => ({ min, max: max ?? Math.max(1, min) }))
    .check((context) => {
      const { min, max } = context.value;
      if (min <= max) return;
      addIssue(
        context.issues,
        min,
        `min (${min}) is above max (${max})`,
        { code: 'contradiction', expected: `at most ${max}` },
        ['min'],
      );
    });

export const scalingSection = () =>
  z
    .strictObject({
      signal: word(['queue-depth', 'batch-fill', 'accelerator-memory'], {
        cpu: notASignal,
        'cpu-utilization': notASignal,
      }).default(defaults.signal),
      replicas: replicaLimits().default({ min: defaults.minReplicas, max: defaults.minReplicas }),
      toZero: word(['never', 'when-proven'], {
        always: 'a service goes to zero only while evidence shows that its objective survives the cold start',
      }).default(defaults.toZero),
      warmPool: z.int().min(0).max(1_000).default(defaults.warmPool),
      actuator: z.enum(['plimsoll', 'keda', 'none']).default(defaults.actuator),
    })
    .check((context) => {
      const { replicas, toZero } = context.value;
      if (replicas.min !== 0 || toZero !== 'never') return;
      const expected = 'at least 1, or `toZero: when-proven`';
      const message = '`min: 0` lets the last replica stop, which `toZero: never` forbids';
      addIssue(context.issues, 0, message, { code: 'contradiction', expected }, ['replicas', 'min']);
    });

const trafficSteps = () =>
  z
    .array(positiveShare())
    .min(1)
    .max(20)
    .check((context) => {
      context.value.forEach((step, index) => {
        const before = context.value[index - 1] ?? 0;
        if (step > before) return;
        addIssue(
          context.issues,
          step,
          'each step must be above the one before it',
          { code: 'contradiction', expected: 'increasing percentages that end with `100%`' },
          [index],
        );
      });
      const last = context.value.length - 1;
      if (context.value[last] === 1) return;
      const expected = '`100%` as the last step';
      addIssue(
        context.issues,
        context.value[last],
        'the last step leaves traffic behind',
        { code: 'contradiction', expected },
        [last],
      );
    });

export const rolloutSection = () =>
  z
    .strictObject({
      steps: trafficSteps().optional(),
      stickyBy: text(/^header:[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/).optional(),
      keepPrevious: durationMs().optional(),
    })
    .check((context) => {
      if (context.value.stickyBy === undefined || context.value.steps !== undefined) return;
      const message = '`stickyBy` keeps a client on one side of a step, and there are no `steps`';
      addIssue(context.issues, context.value, message, { code: 'contradiction', expected: '`steps` beside it' }, [
        'stickyBy',
      ]);
    })
    .transform(({ keepPrevious = defaults.keepPreviousMs, ...rest }) =>
      defined({ ...rest, keepPreviousMs: keepPrevious }),
    );

export const costSection = () =>
  z
    .strictObject({
      prices: relativePath,
      budget: moneyRate().optional(),
      utilization: shareLimit().optional(),
    })
    .transform(defined);
