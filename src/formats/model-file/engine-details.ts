import type { ModelHardwareFacts } from '../../core/hardware/model/model-facts.ts';
import { leftOutOf } from '../../core/hardware/model/model-memory.ts';
import type { TensorRtPlan } from '../tensorrt-engine/parse-engine.ts';

export interface EngineDetails {
  readonly format: 'tensorrt';
  readonly plan: TensorRtPlan;
  readonly facts: ModelHardwareFacts;
}

/**
 * A plan is bound to the TensorRT version and the GPU that built it, and says so in bytes whose layout is not published. What
 * could not be confirmed on a real file is unknown here, with what the one public layout would say.
 */
export function engineDetails(plan: TensorRtPlan): EngineDetails {
  const sealed =
    'only the TensorRT library of the same version reads it: polygraphy inspect model FILE --model-type engine';
  return {
    format: 'tensorrt',
    plan,
    facts: {
      format: 'tensorrt',
      weightsBytes: null,
      kvBytesPerToken: null,
      leftOut: leftOutOf(null),
      engine: {
        version: null,
        computeCapability: null,
        product: null,
        hardwareCompatibility: null,
        versionCompatible: null,
      },
      unknown: {
        'engine.version': versionReason(plan),
        'engine.computeCapability': sealed,
        'engine.product': sealed,
        'engine.hardwareCompatibility': sealed,
        'engine.versionCompatible': sealed,
        weightsBytes: `weights and kernels lie together in the file, which has ${plan.fileBytes} bytes`,
        kvBytesPerToken: 'a plan does not tell it in a form that is public',
      },
    },
  };
}

function versionReason({ claimedVersion, serialization }: TensorRtPlan): string {
  if (claimedVersion !== null) {
    return `by the layout of trtexec --getPlanVersionOnly it reads ${claimedVersion}, which was not confirmed on a real file`;
  }
  if (serialization === null || serialization === 0) return 'the file ends before the version';
  return `the serialization version ${serialization} has no public layout (0 has one)`;
}
