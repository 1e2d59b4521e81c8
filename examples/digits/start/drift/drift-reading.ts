import * as z from 'zod';
import { driftAnswerSchema } from '../../../../src/schemas/http/monitoring/http-drift.ts';
import type { TriageAnswer } from '../../../../src/core/monitoring/triage/answer.ts';
import { describeAlarm, type DriftStatus } from '../../../../src/core/monitoring/watch/drift-status.ts';
import type { DriftCause } from '../options.ts';

/** What stands, in words, with what triage says of it. */
export interface Finding {
  readonly what: string;
  readonly diagnosis: TriageAnswer | null;
}

/** @throws ZodError where it is no answer of `plimsoll drift --json`. */
export const readDrift = (json: unknown): DriftStatus | null => driftAnswerSchema.parse(json).status;

const readinessSchema = z.object({
  answers: z.array(z.object({ question: z.string(), text: z.string(), answer: z.string(), reason: z.string() })),
});

/** Readiness question 4 and its answer, out of what `plimsoll doctor --json` prints. @throws ZodError for anything else. */
export function readMonitored(json: unknown): { readonly answer: string; readonly words: string } {
  const asked = readinessSchema.parse(json).answers.find(({ question }) => question === 'output-quality-monitored');
  if (asked === undefined) return { answer: 'not-measured', words: 'does not ask for the quality of live outputs' };
  const { answer, text, reason } = asked;
  return { answer, words: answer === 'yes' ? `${text} yes` : `${text} ${answer}: ${reason}` };
}

/** What the watch found so far; one that has a cause comes first. */
export function listFindings({ alarms, left }: DriftStatus): readonly Finding[] {
  const found = [
    ...(left === null ? [] : [{ what: left.reason, diagnosis: left.diagnosis ?? null }]),
    ...alarms.map((alarm) => ({ what: describeAlarm(alarm), diagnosis: alarm.diagnosis ?? null })),
  ];
  return [...found.filter(isNamed), ...found.filter((each) => !isNamed(each))];
}

export const isNamed = ({ diagnosis }: Finding): boolean => diagnosis?.verdict === 'named';

/** Whether the watch knows enough of what is usual for this cause to be seen. */
export function isReadyFor(cause: DriftCause, { detectors, rows, budget }: DriftStatus): boolean {
  const isRunning = (detector: string): boolean =>
    detectors.some((each) => each.detector === detector && each.isRunning);
  // A block of rows after the first limit has to agree with it, so that a change is told from a wrong reference.
  const areReplicasCompared = cause === 'invert' || cause === 'shift' || isRunning('control');
  const isSettled = cause !== 'labels' || budget.watchedMs >= settledMs;
  return isRunning('distance') && rows >= leastRows && areReplicasCompared && isSettled;
}

const leastRows = 400;
/** A release explains what begins up to two minutes after it; then a whole minute of right answers has to be labelled. */
const settledMs = 245_000;

export const readyWords = (cause: DriftCause): string =>
  cause === 'labels'
    ? 'the watch learns what is usual; four minutes, so that the release itself explains nothing'
    : 'the watch learns what is usual; 400 digits are enough';

/** Cause and remedy, or why there is none; the lines of one diagnosis. */
export function diagnosisLines(diagnosis: TriageAnswer): readonly string[] {
  if (diagnosis.verdict === 'nothing') return ['CAUSE   none: everything else is as it was'];
  if (diagnosis.verdict === 'abstains') {
    return [
      `CAUSE   not named yet: ${diagnosis.why}`,
      ...diagnosis.decides.slice(0, 3).map(({ observation }) => `        would decide: ${observation}`),
    ];
  }
  const { causes, besides } = diagnosis;
  return [
    ...causes.flatMap(({ cause, replicas, evidence, remedy }) => [
      `CAUSE   ${cause}${replicas.length === 0 ? '' : ` (${replicas.join(', ')})`}`,
      ...evidence.map((each) => `        because ${each}`),
      `REMEDY  ${remedy.what}: plimsoll ${remedy.command.replace(/^plimsoll /, '')}`,
    ]),
    ...(besides === undefined
      ? []
      : [
          `BESIDES ${besides.why}`,
          ...besides.decides.map(
            ({ observation, command }) =>
              `        would decide: ${observation}${command === null ? '' : ` (${command})`}`,
          ),
        ]),
  ];
}
