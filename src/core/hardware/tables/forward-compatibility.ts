import type { Source } from './source.ts';

/** `works`: C in the document. `not-needed`: the driver speaks it already. `none`: X, no package for this branch. */
export type ForwardCell = 'works' | 'not-needed' | 'none';

/** Table B: which `cuda-compat` package runs on which driver branch. */
export interface ForwardRow {
  /** `12.9` for the package cuda-compat-12-9. */
  readonly cuda: string;
  readonly branches: Readonly<Record<number, ForwardCell>>;
  readonly source: Source;
}

const forwardPage: Source = {
  title: 'CUDA Compatibility, "Forward Compatibility", release 615, package and driver table',
  url: 'https://docs.nvidia.com/deploy/cuda-compatibility/615/forward-compatibility.html',
  date: '2026-09-09',
};

/** Columns of the document. A branch that is not here is end-of-life: the document says nothing of it. */
export const forwardBranches = [535, 570, 580, 590, 595, 610, 615] as const;

const cells: Readonly<Record<string, ForwardCell>> = { C: 'works', '-': 'not-needed', X: 'none' };
const row = (cuda: string, text: string): ForwardRow => ({
  cuda,
  branches: Object.fromEntries(text.split(' ').map((cell, index) => [forwardBranches[index], cells[cell]])) as Record<
    number,
    ForwardCell
  >,
  source: forwardPage,
});

export const forwardTable: readonly ForwardRow[] = [
  //         535 570 580 590 595 610 615
  row('13.4', 'C C C C C C -'),
  row('13.3', 'C C C C C - X'),
  row('13.2', 'C C C C - X X'),
  row('13.1', 'C C C - X X X'),
  row('13.0', 'C C - X X X X'),
  row('12.9', 'C C X X X X X'),
  row('12.8', 'C - X X X X X'),
  row('12.6', 'C X X X X X X'),
  row('12.5', 'C X X X X X X'),
  row('12.4', 'C X X X X X X'),
  row('12.3', 'C X X X X X X'),
  row('12.2', '- X X X X X X'),
];

/** Packages and branches that the published table no longer has. */
export interface EarlierForwardRow {
  readonly cuda: string;
  readonly branches: readonly number[];
  /** Whether it runs on no older branch but these. Left out where other statements of the time name more. */
  readonly only?: true;
  readonly source: Source;
}

const requireStrings: Source = {
  title:
    'NVIDIA container images for CUDA, NVIDIA_REQUIRE_CUDA of the Dockerfiles of 10.0 to 12.1: branches of brand tesla; triton-inference-server issue 139: 10.0 does not run on 396',
  url: 'https://gitlab.com/nvidia/container-images/cuda/-/tree/master/dist',
  date: '2026-11',
};
const earlier = (cuda: string, branches: readonly number[]): EarlierForwardRow => ({
  cuda,
  branches,
  source: requireStrings,
});

/** Before CUDA 11 an image starts on no other driver than those of its own toolkit and these. */
export const earlierForward: readonly EarlierForwardRow[] = [
  { ...earlier('10.0', [384]), only: true },
  { ...earlier('10.1', [384, 396, 410]), only: true },
  { ...earlier('10.2', [384, 396, 410, 418]), only: true },
  earlier('11.0', [418, 440]),
  earlier('11.2', [418, 440, 450]),
  earlier('11.4', [418, 440, 450]),
  earlier('11.6', [418, 450, 470]),
  earlier('11.7', [450, 470, 510]),
  earlier('11.8', [450, 470, 510, 515]),
  earlier('12.0', [450, 470, 510, 515]),
  earlier('12.1', [450, 470, 510, 515, 525]),
];

/** Where two statements of the vendor differ, both are kept: the program says so and picks by a stated order. */
export interface ForwardStatement {
  readonly cuda: string;
  readonly statedBy: string;
  readonly branches: readonly number[];
  readonly source: Source;
}

const image129: Source = {
  title: 'NVIDIA CUDA 12.9 images: .note.cuda.fwd_compatibility of libcuda.so, and NVIDIA_REQUIRE_CUDA',
  url: 'https://hub.docker.com/r/nvidia/cuda',
  date: '2026-11',
};

export const forwardStatements: readonly ForwardStatement[] = [
  { cuda: '12.9', statedBy: 'the note in the image', branches: [535, 550, 560, 565, 570, 575], source: image129 },
  { cuda: '12.9', statedBy: 'the require string of the image', branches: [535, 550, 560, 565, 570], source: image129 },
  { cuda: '12.9', statedBy: 'the published table', branches: [535, 570], source: forwardPage },
];

/** A package of a branch that dropped a device does so too. */
export const compatDropsDevice: Source = {
  title:
    'NVIDIA container images for CUDA, issue 182: with cuda-compat of 11.5 and newer CUDA finds no K80; "CUDA Toolkit, Driver, and Architecture Matrix"',
  url: 'https://gitlab.com/nvidia/container-images/cuda/-/issues/182',
  date: '2026-11',
};
