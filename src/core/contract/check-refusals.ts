import { findMetric } from '../evaluation/metrics/metric-name.ts';
import type { Contradiction } from './contradictions.ts';
import type { ColdStartSection, EvaluationSection } from './contract.ts';

/** Sections as far as they could be read. */
export interface RefusableSections {
  readonly coldStart?: Pick<ColdStartSection, 'prePull'> | undefined;
  readonly evaluation?: Pick<EvaluationSection, 'task' | 'gates'> | undefined;
}

/**
 * Returns what `plimsoll check` refuses in a contract that can be read. These are no problems of reading: a contract that was
 * released with them is still read, so that its service runs on and can be rolled back.
 */
export function listCheckRefusals({ coldStart, evaluation }: RefusableSections): readonly Contradiction[] {
  return [...ofPrePull(coldStart), ...ofTask(evaluation)];
}

function ofPrePull(coldStart: RefusableSections['coldStart']): readonly Contradiction[] {
  if (coldStart?.prePull !== true) return [];
  const message = '`coldStart.prePull` does nothing yet: no platform brings images to nodes beforehand';
  return [{ path: ['coldStart', 'prePull'], message, expected: 'no `prePull`, or `prePull: false`' }];
}

/** A metric of another task is never defined, so that its gate never passes. */
function ofTask(evaluation: RefusableSections['evaluation']): readonly Contradiction[] {
  const task = evaluation?.task;
  if (evaluation === undefined || task === undefined) return [];
  return evaluation.gates.flatMap(({ metric }, at) => {
    const needed = findMetric(metric)?.row.task;
    if (needed === undefined || needed === 'latency' || needed === task) return [];
    const message = `\`${metric}\` is a metric of ${needed}, and \`evaluation.task\` is ${task}`;
    return [
      { path: ['evaluation', 'gates', at, 'metric'], message, expected: `a metric of ${task}, or \`task: ${needed}\`` },
    ];
  });
}
