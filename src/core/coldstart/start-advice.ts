import type { Phase, StartTier } from '../contract/contract.ts';

/**
 * What would shorten a phase, most effective first. The figures behind it: `npm run bench -- coldstart`, and the papers named.
 *
 * | source | what it says |
 * |---|---|
 * | ServerlessLLM (OSDI 2024) | loading checkpoints in the order in which they lie, from local disk, is 5 to 8 times faster than by way of a registry |
 * | ONNX Runtime documentation, Graph Optimizations | an optimized graph can be saved once and loaded without optimizing again |
 */
const advice: Readonly<Record<Phase, readonly string[]>> = {
  schedule: ['keep replicas loaded beyond demand (`scaling.warmPool`)', 'keep a node of the pool free'],
  'image-pull': ['make the image smaller', 'keep the image on the nodes of the pool'],
  'process-start': ['start fewer programs and load fewer packages before the server listens'],
  'weights-fetch': [
    'keep the weights on the disk of the node (pre-pull them), or in its page cache',
    'store fewer bytes: half precision, or quantized weights',
  ],
  'weights-load': [
    'keep the weights in the page cache of the node: memory that nothing else uses',
    'keep large weights in a file of their own beside the model (external data), which is mapped and not copied',
  ],
  'engine-init': [
    'optimize the graph once when it is exported, instead of at every start',
    'keep what the engine compiles (TensorRT engines, torch.compile) in a cache that outlives the replica',
  ],
  'warm-up': ['warm fewer shapes', 'keep the compiled kernels in a cache that outlives the replica'],
};

const fromMemory = /page cache/;

/** What would shorten these phases from this tier, in order; nothing that the tier has already. */
export function shortening(phases: readonly Phase[], tier: StartTier): readonly string[] {
  const all = [...new Set(phases.flatMap((phase) => advice[phase]))];
  return tier === 'memory' ? all.filter((each) => !fromMemory.test(each)) : all;
}
