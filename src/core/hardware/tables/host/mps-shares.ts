import type { Source } from '../source.ts';

/** Streaming multiprocessors of boards, by their name in the table of products; of several kinds the fewest. */
export interface BoardMultiprocessors {
  readonly board: string;
  readonly count: number;
  readonly source: Source;
}

const whitePapers: Source = {
  title:
    'NVIDIA, white papers of Volta, Turing, Ampere, Ada, Hopper and Blackwell, and data sheets of the boards: CUDA cores',
  url: 'https://www.nvidia.com/en-us/data-center/technologies/',
  date: '2026-11',
  // A data sheet tells CUDA cores: 64 of them are a multiprocessor of Volta, Turing, A100 and A30, and 128 of the others.
  inferred: true,
};
const row = (board: string, count: number): BoardMultiprocessors => ({ board, count, source: whitePapers });

export const boardMultiprocessors: readonly BoardMultiprocessors[] = [
  row('A2', 10),
  row('A16', 10),
  row('T4', 40),
  row('GB10', 48),
  row('A30', 56),
  row('L4', 58),
  row('A10', 72),
  row('H20', 78),
  row('V100', 80),
  row('RTX 3090', 82),
  row('A40', 84),
  row('RTX A6000', 84),
  row('A100', 108),
  row('H100', 114),
];

/**
 * Multiprocessors that each replica needs, where the device plugin gives each an equal share of the threads of a board: the least that ran
 * (30 on an A30 with 56), and the most that did not (22 on a T4 with 40).
 */
export const mpsShare: { readonly runs: number; readonly fails: number; readonly source: Source } = {
  runs: 56 / 30,
  fails: 40 / 22,
  source: {
    title:
      'k8s-device-plugin issue 1118: 5 replicas run on an A16, 21 on a T4 and 30 on an A30; with more, devices are busy or unavailable',
    url: 'https://github.com/NVIDIA/k8s-device-plugin/issues/1118',
    date: '2025-01-13',
  },
};
