import type { EngineTensor, InferenceEngine, LoadedModel } from '../ports/serving/inference-engine.ts';

/**
 * The engine with a fault that can be switched on: while `isFaulty`, each answer is moved on by one element, as a wrong address
 * would do. For demonstrations and tests of the watch; nothing that judges answers reads the switch.
 */
export const withInjectedFault = (engine: InferenceEngine, isFaulty: () => boolean): InferenceEngine => ({
  runtime: engine.runtime,
  load: async (request) => {
    const loaded = await engine.load(request);
    const run: LoadedModel['run'] = async (inputs, outputs) => {
      const ran = await loaded.run(inputs, outputs);
      return isFaulty() ? { ...ran, outputs: ran.outputs.map(rotate) } : ran;
    };
    const { inputs, outputs, phases, memoryBytes, ended } = loaded;
    return { inputs, outputs, phases, memoryBytes, ended, run, unload: () => loaded.unload() };
  },
});

/** The last element comes first. Elements of any size, and texts as they are. */
function rotate(tensor: EngineTensor): EngineTensor {
  if (!('bytes' in tensor)) return tensor;
  const { bytes, shape } = tensor;
  const elements = shape.reduce((product, size) => product * size, 1);
  const size = elements === 0 ? 0 : bytes.byteLength / elements;
  const moved = new Uint8Array(bytes.byteLength);
  moved.set(bytes.subarray(bytes.byteLength - size), 0);
  moved.set(bytes.subarray(0, bytes.byteLength - size), size);
  return { ...tensor, bytes: moved };
}
