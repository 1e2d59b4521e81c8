import { expect, it } from 'vitest';
import type { NvmlLibrary } from './nvml-library.ts';
import { NvmlQuestions } from './nvml-questions.ts';
import { readConfidential } from './nvml-state.ts';

const on = [1, 1, 0];
const readyState = 'nvmlSystemGetConfComputeGpusReadyState';

/** A driver that writes these words by the name of the function, and has no other. */
const driverOf = (words: Readonly<Record<string, readonly number[]>>): NvmlLibrary => ({
  call(name, [out]) {
    const answer = words[name];
    if (answer === undefined) return { code: null, reason: `${name} is not in this driver` };
    if (out !== undefined && 'buffer' in out && out.buffer instanceof Uint32Array) out.buffer.set(answer);
    return { code: 0 };
  },
});

it.each([
  ['a driver without such a mode', {}, undefined],
  ['a machine whose mode is off', { nvmlSystemGetConfComputeState: [0, 0, 0] }, 'off'],
  ['boards that nobody set ready', { nvmlSystemGetConfComputeState: on, [readyState]: [0] }, 'not-ready'],
  ['boards that take work', { nvmlSystemGetConfComputeState: on, [readyState]: [1] }, 'ready'],
  ['a driver that does not tell whether they do', { nvmlSystemGetConfComputeState: on }, undefined],
])('confidential mode of %s', (_what, words: Readonly<Record<string, readonly number[]>>, told) => {
  expect(readConfidential(new NvmlQuestions(driverOf(words)))).toBe(told);
});
