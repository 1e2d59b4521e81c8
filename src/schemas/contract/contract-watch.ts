import * as z from 'zod';
import { onInconclusiveWords } from '../../core/contract/contract.ts';
import { defaults } from '../../core/contract/defaults.ts';
import { quantileName } from '../../core/contract-keys/keys.ts';
import { formatDuration } from '../../core/units/quantity/quantity-duration.ts';
import {
  addIssue,
  defined,
  durationMs,
  moneyRate,
  positiveDurationMs,
  positiveShare,
  relativePath,
  share,
  shareLimit,
  stuckAfterDurationMs,
  text,
  word,
} from './contract-forms.ts';
import { readSchedule, scheduleList, zoneName } from './contract-schedule.ts';

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

const sleepSection = () =>
  z
    .strictObject({
      replicas: z.int().min(1).max(1_000),
      wake: positiveDurationMs(),
      price: share().default(defaults.sleepPriceShare),
    })
    .transform(({ replicas, wake, price }) => ({ replicas, wakeMs: wake, priceShare: price }));

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
      zone: zoneName().optional(),
      schedule: scheduleList().optional(),
      sleep: sleepSection().exactOptional(),
    })
    .check((context) => {
      const { schedule = [], replicas } = context.value;
      schedule.forEach((entry, index) => {
        if (entry.replicas === undefined || entry.replicas <= replicas.max) return;
        const message = `the schedule asks for ${entry.replicas} replicas, and \`replicas.max\` is ${replicas.max}`;
        const expected = `at most ${replicas.max}, or a larger \`replicas.max\``;
        const path = ['schedule', index, 'replicas'];
        addIssue(context.issues, entry.replicas, message, { code: 'contradiction', expected }, path);
      });
    })
    .check((context) => {
      const { sleep, actuator, replicas } = context.value;
      if (sleep === undefined || (actuator === 'plimsoll' && replicas.min < replicas.max)) return;
      const message = 'only replicas that Plimsoll scales can be put to sleep';
      const expected = '`actuator: plimsoll` and `replicas` with min below max';
      addIssue(context.issues, sleep, message, { code: 'contradiction', expected }, ['sleep']);
    })
    .check((context) => {
      const { replicas, toZero } = context.value;
      if (replicas.min !== 0 || toZero !== 'never') return;
      const expected = 'at least 1, or `toZero: when-proven`';
      const message = '`min: 0` lets the last replica stop, which `toZero: never` forbids';
      addIssue(context.issues, 0, message, { code: 'contradiction', expected }, ['replicas', 'min']);
    })
    .transform(({ zone, schedule, ...rest }) =>
      defined({ ...rest, zone, schedule: schedule === undefined ? undefined : readSchedule(schedule, zone) }),
    );

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

const leastLatencyMarginShare = 0.05;

/** One quantile, because the judge compares one: `{ p99: 10% }`. */
const latencyMargin = () =>
  z
    .record(z.string().regex(quantileName), positiveShare())
    .check((context) => {
      if (Object.keys(context.value).length === 1) return;
      const expected = 'one quantile, such as `{ p99: 10% }`';
      addIssue(context.issues, context.value, 'the judge compares one quantile of the latency', { expected });
    })
    .check((context) => {
      for (const [name, margin] of Object.entries(context.value)) {
        if (margin >= leastLatencyMarginShare) continue;
        const message = 'latency is counted in bins of 4.4%, so that less cannot be told apart';
        addIssue(context.issues, margin, message, { expected: 'at least `5%`' }, [name]);
      }
    })
    .transform((value) => {
      const [[name, marginShare] = ['p99', 0]] = Object.entries(value);
      return { quantile: Number(`${name.slice(1)}e-2`), marginShare };
    });

const judgeSection = () =>
  z
    .strictObject({
      falseRollbacks: positiveShare().optional(),
      errors: positiveShare().optional(),
      latency: latencyMargin().optional(),
      agreement: positiveShare().optional(),
      labels: positiveShare().optional(),
      atLeast: positiveDurationMs().optional(),
      within: positiveDurationMs().optional(),
      onInconclusive: z.enum(onInconclusiveWords).optional(),
    })
    .check((context) => {
      const { falseRollbacks, errors, agreement, labels, atLeast, within } = context.value;
      const impossible = (key: string, message: string, expected: string): void => {
        addIssue(context.issues, context.value, message, { code: 'contradiction', expected }, [key]);
      };
      if (falseRollbacks !== undefined && falseRollbacks > 0.5) {
        impossible('falseRollbacks', 'a judge that is wrong more often than a coin judges nothing', 'at most `50%`');
      }
      for (const [key, margin] of Object.entries({ errors, labels })) {
        if (margin === 1) impossible(key, `a margin of 100% lets every release through`, 'less than `100%`');
      }
      if (agreement === 1) {
        impossible('agreement', 'that every answer agrees cannot be proven by any number of them', 'less than `100%`');
      }
      const [leastMs, mostMs] = [atLeast ?? defaults.judge.atLeastMs, within ?? defaults.judge.withinMs];
      if (leastMs <= mostMs) return;
      const expected = `at most \`${formatDuration(mostMs)}\`, or a longer \`within\``;
      impossible(atLeast === undefined ? 'within' : 'atLeast', '`atLeast` is longer than `within`', expected);
    })
    .transform((written) =>
      defined({
        falseRollbacksShare: written.falseRollbacks,
        errorMarginShare: written.errors,
        latency: written.latency,
        agreementAtLeastShare: written.agreement,
        labelMarginShare: written.labels,
        atLeastMs: written.atLeast,
        withinMs: written.within,
        onInconclusive: written.onInconclusive,
      }),
    );

export const rolloutSection = () =>
  z
    .strictObject({
      steps: trafficSteps().optional(),
      stickyBy: text(/^header:[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/).optional(),
      shadow: positiveShare().optional(),
      judge: judgeSection().optional(),
      keepPrevious: durationMs().optional(),
      stuckAfter: stuckAfterDurationMs().optional(),
    })
    .check((context) => {
      const { steps, stickyBy, shadow, judge } = context.value;
      const contradiction = (path: readonly string[], message: string, expected: string): void => {
        addIssue(context.issues, context.value, message, { code: 'contradiction', expected }, path);
      };
      if (stickyBy !== undefined && steps === undefined) {
        const message = '`stickyBy` keeps a client on one side of a step, and there are no `steps`';
        contradiction(['stickyBy'], message, '`steps` beside it');
      }
      if (shadow !== undefined && steps === undefined) {
        const message = '`shadow` compares two releases before the first step, and there are no `steps`';
        contradiction(['shadow'], message, '`steps` beside it, at least `[100%]`');
      }
      if (judge !== undefined && shadow === undefined && (steps === undefined || steps.length === 1)) {
        const message = '`judge` decides about steps below 100% and about the shadow, and there is neither';
        contradiction(['judge'], message, '`steps` such as `[5%, 25%, 100%]`, or `shadow`');
      }
      if (judge?.agreementAtLeastShare !== undefined && shadow === undefined) {
        contradiction(['judge', 'agreement'], '`agreement` is that of a shadow, and there is none', '`shadow: 10%`');
      }
    })
    .transform(({ keepPrevious = defaults.keepPreviousMs, stuckAfter, shadow, ...rest }) =>
      defined({ ...rest, shadowShare: shadow, keepPreviousMs: keepPrevious, stuckAfterMs: stuckAfter }),
    );

export const costSection = () =>
  z
    .strictObject({
      prices: relativePath.optional(),
      budget: moneyRate().optional(),
      utilization: shareLimit().optional(),
    })
    .transform(defined);
