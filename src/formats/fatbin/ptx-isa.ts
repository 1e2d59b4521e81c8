/** The first CUDA release that reads a version of the PTX language. */
export interface PtxRelease {
  readonly isa: string;
  readonly cuda: string;
  readonly source: string;
}

const history =
  'PTX ISA, "Release History" (https://docs.nvidia.com/cuda/parallel-thread-execution/#release-notes-ptx-release-history), as in cuda-python cuda/bindings/utils/_ptx_utils.py, 2025-12';
const measured = 'ptxas 13.5.37 accepts up to 9.5; libraries built with CUDA 13.2 and 13.4 carry 9.2 and 9.4, 2026-11';

/** Newest first. */
export const ptxReleases: readonly PtxRelease[] = [
  { isa: '9.5', cuda: '13.5', source: measured },
  { isa: '9.4', cuda: '13.4', source: measured },
  { isa: '9.3', cuda: '13.3', source: measured },
  { isa: '9.2', cuda: '13.2', source: measured },
  { isa: '9.1', cuda: '13.1', source: history },
  { isa: '9.0', cuda: '13.0', source: history },
  { isa: '8.8', cuda: '12.9', source: history },
  { isa: '8.7', cuda: '12.8', source: history },
  { isa: '8.6', cuda: '12.7', source: history },
  { isa: '8.5', cuda: '12.5', source: history },
  { isa: '8.4', cuda: '12.4', source: history },
  { isa: '8.3', cuda: '12.3', source: history },
  { isa: '8.2', cuda: '12.2', source: history },
  { isa: '8.1', cuda: '12.1', source: history },
  { isa: '8.0', cuda: '12.0', source: history },
  { isa: '7.8', cuda: '11.8', source: history },
  { isa: '7.7', cuda: '11.7', source: history },
  { isa: '7.6', cuda: '11.6', source: history },
  { isa: '7.5', cuda: '11.5', source: history },
  { isa: '7.4', cuda: '11.4', source: history },
  { isa: '7.3', cuda: '11.3', source: history },
  { isa: '7.2', cuda: '11.2', source: history },
  { isa: '7.1', cuda: '11.1', source: history },
  { isa: '7.0', cuda: '11.0', source: history },
  { isa: '6.5', cuda: '10.2', source: history },
  { isa: '6.4', cuda: '10.1', source: history },
  { isa: '6.3', cuda: '10.0', source: history },
  { isa: '6.2', cuda: '9.2', source: history },
  { isa: '6.1', cuda: '9.1', source: history },
  { isa: '6.0', cuda: '9.0', source: history },
  { isa: '5.0', cuda: '8.0', source: history },
];

/** Null for a version that the table does not know. */
export const cudaOfPtx = (isa: string): string | null =>
  ptxReleases.find((release) => release.isa === isa)?.cuda ?? null;
