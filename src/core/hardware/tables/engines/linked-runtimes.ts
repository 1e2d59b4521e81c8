import type { Source } from '../source.ts';

/**
 * A Python distribution whose libraries open CUDA and cuDNN by name while they run. The majors are part of those names, so that
 * others do not stand in for them.
 */
export interface LinkedRuntime {
  readonly distribution: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  readonly cudaMajor: number;
  readonly cudnnMajor: number;
  /** Distributions whose models need cuDNN; beside others cuDNN does not matter. */
  readonly cudnnFor: readonly string[];
  readonly source: Source;
}

const versions: Source = {
  title: 'CTranslate2 issue 1806: 3.24 has CUDA 11 and cuDNN 8, 4.0 CUDA 12 and cuDNN 8, 4.5 CUDA 12 and cuDNN 9',
  url: 'https://github.com/OpenNMT/CTranslate2/issues/1806',
  date: '2024-10-28',
};
/** Convolutions are those of speech models; translation and text generation have none. */
const speech = ['faster-whisper', 'whisperx', 'whisper-ctranslate2'];
const row = (from: string, to: string | null, cudaMajor: number, cudnnMajor: number): LinkedRuntime => ({
  distribution: 'ctranslate2',
  from,
  to,
  cudaMajor,
  cudnnMajor,
  cudnnFor: speech,
  source: versions,
});

export const linkedRuntimes: readonly LinkedRuntime[] = [
  row('3.0', '3.999', 11, 8),
  row('4.0', '4.4', 12, 8),
  row('4.5', null, 12, 9),
];

/** Folder of a wheel of cuDNN below `site-packages`; the loader searches it only where somebody names it. */
export const wheelFolder = String.raw`/nvidia/cudnn/lib/`;
export const wheelFolderSource: Source = {
  title:
    'faster-whisper, README, "GPU": LD_LIBRARY_PATH must name the folders of the wheels; whisper-ctranslate2 issue 27',
  url: 'https://github.com/Softcatala/whisper-ctranslate2/issues/27',
  date: '2023-04-23',
};
