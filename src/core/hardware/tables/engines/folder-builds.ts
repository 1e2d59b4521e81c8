import type { Source } from '../source.ts';

/** A program that holds one build for each CUDA, in folders beside each other, and opens the one that the driver and the device take. */
export interface FolderBuilds {
  readonly program: string;
  /** Regular expression over a path in the image: the folder of a build, with the name of its CUDA in the group `build`. */
  readonly folder: string;
  /** The variable that names the one folder which is opened. */
  readonly variable: string;
  readonly source: Source;
}

export const folderBuilds: readonly FolderBuilds[] = [
  {
    program: 'Ollama',
    folder: String.raw`^/?(?:.*/)?ollama/(?:runners/)?(?:mlx_)?cuda_(?<build>v1[123]|jetpack[56])(?:[._][^/]*)?/`,
    variable: 'OLLAMA_LLM_LIBRARY',
    source: {
      title:
        'Ollama pull requests 6620, 8567, 12000 and 12300: cuda_v11, cuda_v12 and cuda_v13 lie beside each other, and driver and capability choose',
      url: 'https://github.com/ollama/ollama/pull/12000',
      date: '2025-09-15',
    },
  },
];

/** The newest CUDA that each build was compiled with: it counts where the image does not tell it. */
export const newestCuda: { readonly builds: Readonly<Record<string, string>>; readonly source: Source } = {
  builds: { v11: '11.3', v12: '12.8', v13: '13.0', jetpack5: '11.4', jetpack6: '12.6' },
  source: {
    title:
      'Ollama pull requests 8567, 10569 and 12000: CUDA 11.3, 12.8 and 13.0; NVIDIA, "JetPack Archive": 11.4 in JetPack 5, 12.6 in JetPack 6',
    url: 'https://github.com/ollama/ollama/pull/12000',
    date: '2025-09-15',
  },
};
