import { describe, expect, it } from 'vitest';
import type { NvmlAnswer, NvmlLibrary } from './nvml-library.ts';
import { readLibrary } from './nvml-reading.ts';

type Answers = Readonly<Record<string, number | NvmlAnswer>>;

/** A driver with one board, which answers these functions with a number or a code, and has no other. */
const driverOf = (answers: Answers): NvmlLibrary => ({
  call(name, parameters) {
    const answer = answers[name];
    if (answer === undefined) return { code: null, reason: `${name} is not in this driver` };
    if (typeof answer !== 'number') return answer;
    const last = parameters.at(-1);
    if (last !== undefined && 'buffer' in last && last.buffer instanceof Uint32Array) last.buffer[0] = answer;
    return { code: 0 };
  },
});
const oneBoard: Answers = {
  nvmlInit_v2: 0,
  nvmlShutdown: 0,
  nvmlDeviceGetCount_v2: 1,
  nvmlDeviceGetHandleByIndex_v2: 0,
};
const stateOf = (answers: Answers): unknown => {
  const reading = readLibrary(driverOf({ ...oneBoard, ...answers }));
  return reading.kind === 'read' ? (reading.devices[0]?.state?.driverLibrary ?? null) : reading;
};

describe('the library of CUDA that a driver brings', () => {
  it('is missing where NVML does not find it', () => {
    const missing = { code: 12, reason: 'nvmlSystemGetCudaDriverVersion_v2 answers LIBRARY_NOT_FOUND' };
    expect(stateOf({ nvmlSystemGetCudaDriverVersion_v2: missing })).toBe('missing');
  });

  it.each([
    ['it tells a version', 12040],
    ['it tells none for another reason', { code: 13, reason: 'it answers FUNCTION_NOT_FOUND' }],
  ])('is not said to be missing where %s', (_why, answer) => {
    expect(stateOf({ nvmlSystemGetCudaDriverVersion_v2: answer })).toBeNull();
  });
});

describe('a driver that does not start', () => {
  it('has libraries that do not match, where it says so', () => {
    const mismatch = { code: 18, reason: 'nvmlInit_v2 answers LIB_RM_VERSION_MISMATCH' };
    expect(readLibrary(driverOf({ nvmlInit_v2: mismatch }))).toEqual({
      kind: 'failed',
      reason:
        "nvmlInit_v2 answers LIB_RM_VERSION_MISMATCH: the driver's libraries were upgraded and the old kernel module is still loaded",
      mismatch: true,
    });
  });

  it('is told with its reason alone, where it says anything else', () => {
    const failed = { code: 9, reason: 'nvmlInit_v2 answers DRIVER_NOT_LOADED' };
    expect(readLibrary(driverOf({ nvmlInit_v2: failed }))).toEqual({ kind: 'failed', reason: failed.reason });
  });
});
