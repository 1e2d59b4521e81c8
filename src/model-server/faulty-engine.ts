import type { EngineTensor, InferenceEngine, LoadedModel } from '../ports/serving/inference-engine.ts';

/**
 * Ways in which answers can be wrong. A channel is a place on the last axis.
 *
 * | fault | answer |
 * |---|---|
 * | stuck | every number is the first one, as with a stuck address line |
 * | perturbed | channels are weighted otherwise: of probabilities, as if the bias before softmax was perturbed |
 * | saturated | the second channel of each row has the largest number of the row plus 1 |
 * | stale | the answer to the request before; the first is right |
 * | rounded | numbers have 5 significant bits, as from kernels of a lower precision |
 */
export const engineFaults = ['stuck', 'perturbed', 'saturated', 'stale', 'rounded'] as const;
export type EngineFault = (typeof engineFaults)[number];

/** The fault that a word names; any other word is `stuck`, so that an empty file is a fault too. */
export const readEngineFault = (word: string): EngineFault =>
  engineFaults.find((each) => each === word.trim()) ?? 'stuck';

/**
 * The engine with a fault that can be switched on. For demonstrations and tests of the watch; nothing that judges answers
 * reads the switch.
 */
export const withInjectedFault = (
  engine: InferenceEngine,
  presentFault: () => EngineFault | null,
): InferenceEngine => ({
  runtime: engine.runtime,
  load: async (request) => {
    const loaded = await engine.load(request);
    let before: readonly EngineTensor[] = [];
    const run: LoadedModel['run'] = async (inputs, outputs) => {
      const ran = await loaded.run(inputs, outputs);
      const fault = presentFault();
      const kept = before;
      // Bytes of an answer may be a view of memory that the next run writes to.
      before = ran.outputs.map(copyTensor);
      return fault === null ? ran : { ...ran, outputs: ran.outputs.map((tensor) => spoil(tensor, fault, kept)) };
    };
    const { inputs, outputs, phases, memoryBytes, ended } = loaded;
    return { inputs, outputs, phases, memoryBytes, ended, run, unload: () => loaded.unload() };
  },
});

const copyTensor = (tensor: EngineTensor): EngineTensor =>
  'bytes' in tensor ? { ...tensor, bytes: tensor.bytes.slice() } : tensor;

/** Texts stay as they are, and so do elements other than FP32 but where the fault is of bytes. */
function spoil(tensor: EngineTensor, fault: EngineFault, before: readonly EngineTensor[]): EngineTensor {
  if (!('bytes' in tensor)) return tensor;
  if (fault === 'stuck') return stick(tensor);
  if (fault === 'stale') return before.find((each) => isSameForm(each, tensor)) ?? tensor;
  if (tensor.datatype !== 'FP32') return tensor;
  const numbers = new Float32Array(tensor.bytes.slice().buffer);
  const channels = tensor.shape.at(-1) ?? 1;
  for (let at = 0; at < numbers.length; at += channels) spoilRow(numbers.subarray(at, at + channels), fault);
  return { ...tensor, bytes: new Uint8Array(numbers.buffer) };
}

const isSameForm = (a: EngineTensor, b: EngineTensor): boolean =>
  a.name === b.name && a.datatype === b.datatype && a.shape.join() === b.shape.join();

function spoilRow(row: Float32Array, fault: 'perturbed' | 'saturated' | 'rounded'): void {
  if (fault === 'saturated') row[Math.min(1, row.length - 1)] = Math.max(...row) + 1;
  else if (fault === 'rounded') row.forEach((value, at) => (row[at] = roundNumber(value)));
  else perturb(row);
}

/** Multiplied by e, 1 or 1/e in turn; the sum of the row stays. */
function perturb(row: Float32Array): void {
  const sum = row.reduce((total, value) => total + value, 0);
  row.forEach((value, at) => (row[at] = value * Math.exp((at % 3) - 1)));
  const perturbed = row.reduce((total, value) => total + value, 0);
  if (perturbed !== 0) row.forEach((value, at) => (row[at] = (value * sum) / perturbed));
}

function roundNumber(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const step = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 4);
  return Math.round(value / step) * step;
}

/** Each element is the first one. Elements of any size. */
function stick(tensor: Extract<EngineTensor, { bytes: Uint8Array }>): EngineTensor {
  const { bytes, shape } = tensor;
  const elements = shape.reduce((product, size) => product * size, 1);
  const size = elements === 0 ? bytes.byteLength : bytes.byteLength / elements;
  return { ...tensor, bytes: bytes.map((_, at) => bytes[at % size] ?? 0) };
}
