import * as z from 'zod';
import { defaults } from '../core/contract/defaults.ts';
import {
  addIssue,
  artifactName,
  confidenceShare,
  countRate,
  defined,
  metricValue,
  once,
  positiveDurationMs,
  positiveShare,
} from './contract-forms.ts';

const names = once(() => z.array(z.string().min(1).max(200)).max(256).default([]));

const gate = () =>
  z
    .strictObject({
      metric: artifactName,
      atLeast: metricValue().optional(),
      atMost: metricValue().optional(),
      noWorseThan: artifactName.optional(),
      margin: metricValue().optional(),
      confidence: confidenceShare().optional(),
    })
    .check((context) => {
      const { atLeast, atMost, noWorseThan, margin } = context.value;
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
      if (margin !== undefined && margin < 0) {
        contradiction('a margin below zero asks for better, not for no worse', 'zero or more', ['margin']);
      }
    })
    .transform(({ confidence = defaults.gateConfidenceShare, ...rest }) =>
      defined({ ...rest, confidenceShare: confidence }),
    );

export const evaluationSection = () =>
  z.strictObject({
    dataset: artifactName,
    gates: z.array(gate()).min(1).max(100),
    slices: names(),
  });

export const monitoringSection = () =>
  z
    .strictObject({
      reference: artifactName.optional(),
      golden: artifactName.optional(),
      capture: z
        .strictObject({ sample: positiveShare(), redact: names() })
        .transform(({ sample, redact }) => ({ sampleShare: sample, redact }))
        .optional(),
      labels: z
        .strictObject({ from: z.enum(['api']), within: positiveDurationMs() })
        .transform(({ from, within }) => ({ from, withinMs: within }))
        .optional(),
      falseAlarms: countRate().optional(),
    })
    .transform(defined);
