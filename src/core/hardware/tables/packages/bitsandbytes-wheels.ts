import type { Source } from '../source.ts';

/** CUDA versions that a wheel of bitsandbytes for x86-64 holds a library for, as its files write them (`124`). */
export interface BitsandbytesWheel {
  readonly from: string;
  readonly to: string | null;
  readonly cuda: readonly string[];
  readonly source: Source;
}

const source: Source = {
  title: 'bitsandbytes, files of the wheels 0.35.4 to 0.49.0 of PyPI',
  url: 'https://pypi.org/project/bitsandbytes/',
  date: '2025-12',
};
const row = (from: string, to: string, cuda: string): BitsandbytesWheel => ({
  from,
  to,
  cuda: cuda.split(' '),
  source,
});

export const bitsandbytesWheels: readonly BitsandbytesWheel[] = [
  row('0.35.4', '0.35.4', '110 111 112 113 114 115 116 117 118'),
  row('0.36.0', '0.37.0', '110 111 112 113 114 115 116 117 118 120'),
  row('0.37.2', '0.38.1', '110 111 112 113 114 115 116 117 118 120 121'),
  row('0.39.1', '0.39.1', '110 111 112 113 114 115 116 117 118 120 121'),
  row('0.40', '0.41', '110 111 114 115 117 118 120 121 122'),
  row('0.42', '0.42', '110 111 114 115 117 118 120 121 122 123'),
  row('0.43.0', '0.43.0', '117 118 120 121 122 123'),
  row('0.43.1', '0.43.1', '117 118 120 121 122 123 124'),
  row('0.43.2', '0.44', '117 118 120 121 122 123 124 125'),
  row('0.45.0', '0.45.2', '117 118 120 121 122 123 124 125 126'),
  row('0.45.3', '0.45.5', '117 118 120 121 122 123 124 125 126 128'),
  row('0.46.0', '0.46.0', '118 120 121 122 123 124 125 126 128'),
  row('0.46.1', '0.47', '118 120 121 122 123 124 125 126 128 129'),
  row('0.48', '0.49.0', '118 120 121 122 123 124 125 126 128 129 130'),
];

/** Programs that bitsandbytes computes for where a model in INT8 names no method. */
export const bitsandbytesPrograms: readonly string[] = ['torch', 'transformers', 'diffusers'];

/** End of a version that no wheel has: that of sources between two releases, which are built apart as well. */
export const sourceVersion = String.raw`\.dev\d+$`;

/** Up to this version sources install without a library: `make` builds it before. */
export const builtApart: { readonly to: string; readonly source: Source } = {
  to: '0.42',
  source: {
    title:
      'bitsandbytes issues 487 and 679: make CUDA_VERSION=118 builds the library, and only then setup.py install; documentation of 0.45, "Compile from source": cmake and make before pip install',
    url: 'https://github.com/bitsandbytes-foundation/bitsandbytes/issues/487',
    date: '2023-08-07',
  },
};

/** Versions up to this look for the CUDA runtime in the folders of the environment; later ones ask torch for its CUDA. */
export const byRuntime: { readonly to: string; readonly source: Source } = {
  to: '0.40.0',
  source: {
    title: 'bitsandbytes, cuda_setup/main.py of the wheels 0.39.1, 0.40.0, 0.40.1 and 0.40.2; issues 70 and 118',
    url: 'https://github.com/bitsandbytes-foundation/bitsandbytes/issues/118',
    date: '2023-01-05',
  },
};
