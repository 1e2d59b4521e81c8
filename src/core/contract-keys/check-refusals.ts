import { findMetric } from '../evaluation/metrics/metric-name.ts';
import type { Contradiction } from '../contract/contradictions.ts';
import type {
  CodeSection,
  ColdStartSection,
  EnvironmentSection,
  EvaluationSection,
  HardwareSection,
  MonitoringSection,
  ScalingSection,
} from '../contract/contract.ts';

/** Sections as far as they could be read. */
export interface RefusableSections {
  readonly code?: Pick<CodeSection, 'protocol'> | undefined;
  readonly coldStart?: Pick<ColdStartSection, 'prePull'> | undefined;
  readonly evaluation?: Pick<EvaluationSection, 'task' | 'gates'> | undefined;
  readonly scaling?: Pick<ScalingSection, 'signal' | 'actuator'> | undefined;
  readonly monitoring?: Pick<MonitoringSection, 'golden'> | undefined;
  readonly hardware?: Pick<HardwareSection, 'accelerator'> | undefined;
  readonly environments?: Readonly<Record<string, Pick<EnvironmentSection, 'platform' | 'runtimeClass'>>> | undefined;
}

/**
 * Returns what `plimsoll check` refuses in a contract that can be read. These are no problems of reading: a contract that was
 * released with them is still read, so that its service runs on and can be rolled back.
 */
export function listCheckRefusals(sections: RefusableSections): readonly Contradiction[] {
  const { code, coldStart, evaluation } = sections;
  return [
    ...ofPrePull(coldStart),
    ...ofProtocol(code, evaluation),
    ...ofGolden(sections),
    ...ofTask(evaluation),
    ...ofSignal(sections),
    ...ofActuator(sections),
    ...ofRuntimeClass(sections),
  ];
}

/** Scaling forecasts requests, and sizes for them and those that wait, whatever the key says. */
function ofSignal({ scaling }: RefusableSections): readonly Contradiction[] {
  if (scaling === undefined || scaling.signal === 'queue-depth') return [];
  const message = `\`scaling.signal: ${scaling.signal}\` does nothing yet: scaling reacts to requests that arrive and wait`;
  return [{ path: ['scaling', 'signal'], message, expected: 'no `signal`, or `signal: queue-depth`' }];
}

/** Processes of one machine are set by Plimsoll alone. */
function ofActuator({ scaling, environments = {} }: RefusableSections): readonly Contradiction[] {
  const platforms = Object.values(environments).map(({ platform }) => platform);
  if (scaling === undefined || scaling.actuator === 'plimsoll' || platforms.includes('kubernetes')) return [];
  const message = `\`scaling.actuator: ${scaling.actuator}\` does nothing: every environment is \`local\`, where Plimsoll sets the replicas`;
  const expected = '`actuator: plimsoll`, or an environment with `platform: kubernetes`';
  return [{ path: ['scaling', 'actuator'], message, expected }];
}

function ofPrePull(coldStart: RefusableSections['coldStart']): readonly Contradiction[] {
  if (coldStart?.prePull !== true) return [];
  const message = '`coldStart.prePull` does nothing yet: no platform brings images to nodes beforehand';
  return [{ path: ['coldStart', 'prePull'], message, expected: 'no `prePull`, or `prePull: false`' }];
}

/** Rows of a dataset are sent as tensors, which the OpenAI protocol does not have. */
function ofProtocol(code: RefusableSections['code'], evaluation: unknown): readonly Contradiction[] {
  if (code?.protocol !== 'openai' || evaluation === undefined) return [];
  const message = '`evaluation` sends rows as tensors, and `code.protocol: openai` has none';
  return [{ path: ['evaluation'], message, expected: 'no `evaluation`, or `code.protocol: open-inference-v2`' }];
}

/** Golden outputs are tensors too: answers of text have no bands to stay in. */
function ofGolden({ code, monitoring }: RefusableSections): readonly Contradiction[] {
  if (code?.protocol !== 'openai' || monitoring?.golden === undefined) return [];
  const message = '`monitoring.golden` records tensors, and `code.protocol: openai` has none';
  const expected = 'no `golden`, or `code.protocol: open-inference-v2`';
  return [{ path: ['monitoring', 'golden'], message, expected }];
}

/** Pods without an accelerator run by the default runtime of their node (docs/decisions/0180). */
function ofRuntimeClass({ hardware, environments = {} }: RefusableSections): readonly Contradiction[] {
  if (hardware?.accelerator === 'nvidia') return [];
  const named = Object.entries(environments).filter(([, { runtimeClass }]) => runtimeClass !== undefined);
  return named.map(([name, { runtimeClass }]) => ({
    path: ['environments', name, 'runtimeClass'],
    message: `\`runtimeClass: ${runtimeClass}\` does nothing: only pods that take accelerators get it`,
    expected: 'no `runtimeClass`, or `hardware.accelerator: nvidia`',
  }));
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
