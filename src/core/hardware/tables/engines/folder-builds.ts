import type { Source } from '../source.ts';

/** A program that holds one build for each CUDA, in folders beside each other, and opens the one that the driver and the device take. */
export interface FolderBuilds {
  readonly program: string;
  /** Regular expression over a path in the image: the folder of a build, with the name of its CUDA in the group `build`. */
  readonly folder: string;
  readonly source: Source;
}

export const folderBuilds: readonly FolderBuilds[] = [
  {
    program: 'Ollama',
    folder: String.raw`^/?(?:.*/)?ollama/(?:runners/)?cuda_(?<build>v\d+|jetpack\d+)[^/]*/`,
    source: {
      title:
        'Ollama pull requests 6620, 8567, 12000 and 12300: cuda_v11, cuda_v12 and cuda_v13 lie beside each other, and driver and capability choose',
      url: 'https://github.com/ollama/ollama/pull/12000',
      date: '2025-09-15',
    },
  },
];

/** CUDA of a build whose folder does not tell it: JetPack 5 is of CUDA 11.4, and 6 of CUDA 12.2 and newer. */
export const jetpackCuda: { readonly majors: Readonly<Record<string, number>>; readonly source: Source } = {
  majors: { jetpack5: 11, jetpack6: 12 },
  source: {
    title: 'NVIDIA, "JetPack Archive": CUDA 11.4 in JetPack 5, CUDA 12.2 to 12.6 in JetPack 6',
    url: 'https://developer.nvidia.com/embedded/jetpack-archive',
    date: '2024-12',
  },
};
