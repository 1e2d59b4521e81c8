import type { EngineTensor, InferenceEngine, LoadedModel } from '../ports/serving/inference-engine.ts';

/**
 * The engine with a fault that can be switched on: while `isFaulty`, every number of an answer is the first one, as with a
 * stuck address line. For demonstrations and tests of the watch; nothing that judges answers reads the switch.
 */
export const withInjectedFault = (engine: InferenceEngine, isFaulty: () => boolean): InferenceEngine => ({
  runtime: engine.runtime,
  load: async (request) => {
    const loaded = await engine.load(request);
    const run: LoadedModel['run'] = async (inputs, outputs) => {
      const ran = await loaded.run(inputs, outputs);
      return isFaulty() ? { ...ran, outputs: ran.outputs.map(stick) } : ran;
    };
    const { inputs, outputs, phases, memoryBytes, ended } = loaded;
    return { inputs, outputs, phases, memoryBytes, ended, run, unload: () => loaded.unload() };
  },
});

/** Each element is the first one. Elements of any size; texts stay as they are. */
function stick(tensor: EngineTensor): EngineTensor {
  if (!('bytes' in tensor)) return tensor;
  const { bytes, shape } = tensor;
  const elements = shape.reduce((product, size) => product * size, 1);
  const size = elements === 0 ? bytes.byteLength : bytes.byteLength / elements;
  return { ...tensor, bytes: bytes.map((_, at) => bytes[at % size] ?? 0) };
}
