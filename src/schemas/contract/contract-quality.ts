import * as z from 'zod';
import { defaults } from '../../core/contract/defaults.ts';
import { findMetric, metricForm, readMetricName } from '../../core/evaluation/metrics/metric-name.ts';
import { defaultTolerance } from '../../core/monitoring/distance/distance-measures.ts';
import { metricTable } from '../../core/evaluation/metrics/metric-table.ts';
import { slicedByAtMost } from '../../core/monitoring/slices/slice-state.ts';
import { parseRedactPath } from '../../core/monitoring/samples/redact-body.ts';
import { nearest } from '../../core/units/nearest.ts';
import {
  addIssue,
  artifactName,
  bytes,
  confidenceShare,
  countRate,
  defined,
  metricValue,
  once,
  positiveDurationMs,
  positiveShare,
  relativePath,
  share,
} from './contract-forms.ts';
import { featurePrograms } from './contract-features.ts';
import { onAlarm } from './contract-on-alarm.ts';
import { notifyTarget } from './contract-notify.ts';

const names = once(() => z.array(z.string().min(1).max(200)).max(256).default([]));

const gate = () =>
  z
    .strictObject({
      metric: z.string().min(1).max(240),
      atLeast: metricValue().optional(),
      atMost: metricValue().optional(),
      noWorseThan: artifactName.optional(),
      margin: metricValue().optional(),
      confidence: confidenceShare().optional(),
    })
    .check((context) => {
      const { metric, atLeast, atMost, noWorseThan, margin } = context.value;
      const contradiction = (message: string, expected: string, path: readonly string[]): void => {
        addIssue(context.issues, context.value, message, { code: 'contradiction', expected }, path);
      };
      if (atLeast === undefined && atMost === undefined && noWorseThan === undefined) {
        contradiction('this gate lets everything through', 'one of `atLeast`, `atMost`, `noWorseThan`', []);
      }
      if (atLeast !== undefined && atMost !== undefined && atLeast > atMost) {
        contradiction('`atLeast` is above `atMost`', '`atLeast` at or below `atMost`', ['atLeast']);
      }
      if (margin !== undefined && noWorseThan === undefined) {
        contradiction('`margin` belongs to `noWorseThan`', '`noWorseThan` beside it', ['margin']);
      }
      const row = findMetric(metric)?.row;
      const [least, most] = row?.range ?? [null, null];
      for (const [key, value] of Object.entries({ atLeast, atMost })) {
        if (value === undefined || (value >= (least ?? -Infinity) && value <= (most ?? Infinity))) continue;
        const expected = `${least === null ? 'anything' : least} to ${most === null ? 'anything' : most}${row?.unit === 'share' ? ', such as `95%`' : ''}`;
        contradiction(`\`${metric}\` is never ${value}`, expected, [key]);
      }
      if (row?.task === 'latency' && noWorseThan !== undefined) {
        const message = 'the latency of another version was measured at another time, and is not compared';
        contradiction(message, '`atMost`', ['noWorseThan']);
      }
      if (margin !== undefined && margin < 0) {
        contradiction('a margin below zero asks for better, not for no worse', 'zero or more', ['margin']);
      }
    })
    .transform(({ confidence = defaults.gateConfidenceShare, ...rest }) =>
      defined({ ...rest, confidenceShare: confidence }),
    );

const userMetric = () =>
  z
    .strictObject({
      command: z.array(z.string().min(1).max(4096)).min(1).max(256).optional(),
      module: relativePath.optional(),
      largerIsBetter: z.boolean(),
      files: z.array(relativePath).max(256).default([]),
      timeout: positiveDurationMs().optional(),
    })
    .check((context) => {
      const { command, module } = context.value;
      if ((command === undefined) !== (module === undefined)) return;
      const expected = '`command` or `module`, and not both';
      addIssue(context.issues, context.value, 'a metric is one program', { code: 'contradiction', expected });
    })
    .transform(({ timeout = defaults.userMetricTimeoutMs, ...rest }) => defined({ ...rest, timeoutMs: timeout }));

export const evaluationSection = () =>
  z
    .strictObject({
      dataset: artifactName,
      task: z.enum(['classification', 'regression', 'ranking', 'text']).optional(),
      label: z.string().min(1).max(200).optional(),
      output: z.string().min(1).max(200).optional(),
      gates: z.array(gate()).min(1).max(100),
      slices: names(),
      metrics: z.record(artifactName, userMetric()).optional(),
    })
    .check((context) => {
      const { gates, metrics = {} } = context.value;
      gates.forEach(({ metric }, index) => refuseUnknownMetric(context.issues, metric, metrics, index));
      for (const name of Object.keys(metrics).filter((name) => findMetric(name) !== null)) {
        const expected = 'another name';
        addIssue(context.issues, name, `\`${name}\` is a metric of Plimsoll itself`, { expected }, ['metrics', name]);
      }
    })
    .transform(defined);

function refuseUnknownMetric(issues: unknown[], metric: string, own: object, index: number): void {
  if (Object.hasOwn(own, metric)) return;
  const read = readMetricName(metric);
  if (read.ok) return;
  const meant = nearest(metric, [...Object.keys(own), ...metricTable.map(metricForm)]);
  const facts = { expected: read.expected, ...(meant === null ? {} : { nearest: meant }) };
  addIssue(issues, metric, `there is no metric \`${metric.slice(0, 60)}\``, facts, ['gates', index, 'metric']);
}

/** The least that holds a few captured requests with their answers. */
const leastSpoolBytes = 1024 * 1024;

const capture = () =>
  z
    .strictObject({
      sample: positiveShare(),
      redact: names(),
      content: z.boolean().optional(),
      retention: positiveDurationMs().optional(),
      maxBytes: bytes().optional(),
    })
    .check((context) => {
      const { maxBytes = Infinity, redact } = context.value;
      redact.forEach((name, at) => {
        if (!name.startsWith('$') || parseRedactPath(name) !== null) return;
        const expected = 'a path of names, positions and `*`, such as `$.messages[*].content`';
        addIssue(context.issues, name, `\`${name}\` is no path that can be followed`, { expected }, ['redact', at]);
      });
      if (maxBytes >= leastSpoolBytes) return;
      const message = 'a spool of less than `1MiB` holds hardly any answer';
      addIssue(context.issues, maxBytes, message, { expected: 'at least `1MiB`' }, ['maxBytes']);
    })
    .transform(({ sample, retention, ...rest }) => defined({ ...rest, sampleShare: sample, retentionMs: retention }));

const slices = () =>
  z
    .array(z.string().min(1).max(200))
    .min(1)
    .max(slicedByAtMost)
    .check((context) => {
      const twice = context.value.findIndex((name, at) => context.value.indexOf(name) < at);
      if (twice === -1) return;
      const message = `\`${context.value[twice] ?? ''}\` stands there twice`;
      addIssue(context.issues, context.value, message, { expected: 'each feature once' }, [twice]);
    });

export const monitoringSection = () =>
  z
    .strictObject({
      reference: artifactName.optional(),
      golden: artifactName.optional(),
      replay: z
        .strictObject({ every: positiveDurationMs(), atMost: share() })
        .partial()
        .transform(({ every, atMost }) => defined({ everyMs: every, atMostShare: atMost }))
        .optional(),
      capture: capture().optional(),
      control: share().optional(),
      labels: z
        .strictObject({
          from: z.enum(['api']),
          within: positiveDurationMs(),
          margin: positiveShare().optional(),
          errorAtMost: z.number().positive().optional(),
        })
        .transform(({ from, within, margin, errorAtMost }) =>
          defined({ from, withinMs: within, marginShare: margin, errorAtMost }),
        )
        .optional(),
      falseAlarms: countRate().optional(),
      tolerance: z
        .strictObject({ sd: z.number().positive().max(100), totalVariation: positiveShare() })
        .partial()
        .transform(({ sd, totalVariation }) => ({
          sd: sd ?? defaultTolerance.sd,
          totalVariation: totalVariation ?? defaultTolerance.totalVariation,
        }))
        .optional(),
      features: featurePrograms().optional(),
      window: positiveDurationMs().optional(),
      slices: slices().optional(),
      onAlarm: onAlarm().optional(),
      notify: z.array(notifyTarget()).min(1).max(10).optional(),
    })
    .check((context) => {
      const { slices: by, capture: captured, falseAlarms, control = 0 } = context.value;
      if (by === undefined || captured !== undefined || falseAlarms !== undefined || control > 0) return;
      const facts = { code: 'contradiction', expected: '`falseAlarms` beside it' } as const;
      addIssue(context.issues, by, 'slices are of captured requests, and none is captured', facts, ['slices']);
    })
    .transform(({ control, window, ...rest }) => defined({ ...rest, controlShare: control, windowMs: window }));
