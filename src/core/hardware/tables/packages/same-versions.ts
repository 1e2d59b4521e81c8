import type { Source } from '../source.ts';

/**
 * Distributions that compare their versions when they are imported. The numbers of both count, without what follows them
 * (`+cu130`, `.dev20260317`); with `posts` also a `.post1`.
 *
 * | kind | the first |
 * |---|---|
 * | `same` | must be of the version of the second |
 * | `not-newer` | must not be newer |
 */
export interface SameVersion {
  readonly distribution: string;
  readonly beside: string;
  readonly kind: 'same' | 'not-newer';
  /** First version of the second that compares. */
  readonly from: string;
  readonly posts: boolean;
  /** A variable of the image that turns the comparison off. */
  readonly unless?: { readonly name: string; readonly value: string };
  /** Programs that import them. Left out where they are a program themselves, which counts where no other is there than `only`. */
  readonly importedBy?: readonly string[];
  readonly only?: readonly string[];
  /** What happens otherwise. */
  readonly happens: string;
  readonly source: Source;
}

const flashInfer: Pick<
  SameVersion,
  'beside' | 'kind' | 'from' | 'posts' | 'unless' | 'importedBy' | 'happens' | 'source'
> = {
  beside: 'flashinfer-python',
  kind: 'same',
  from: '0.4',
  posts: true,
  unless: { name: 'FLASHINFER_DISABLE_VERSION_CHECK', value: '1' },
  importedBy: ['vllm', 'sglang', 'tensorrt-llm'],
  happens: 'FlashInfer does not import',
  source: {
    title:
      'FlashInfer, jit/env.py, and issue 4781; vLLM issue 49804: flashinfer-cubin and flashinfer-jit-cache must be of the version of flashinfer-python',
    url: 'https://github.com/flashinfer-ai/flashinfer/issues/4781',
    date: '2026-08-27',
    // The first version is that of the first wheels of flashinfer-cubin.
    inferred: true,
  },
};

const jaxPlugin: Omit<SameVersion, 'distribution'> = {
  beside: 'jaxlib',
  kind: 'same',
  from: '0.4.32',
  posts: false,
  only: ['jax'],
  happens: 'JAX leaves its plugin for CUDA out',
  source: {
    title: 'JAX, jaxlib/plugin_support.py; issue 24901: a plugin of another version is not used, from 0.4.32 on',
    url: 'https://github.com/jax-ml/jax/issues/24901',
    date: '2026-03-31',
  },
};

export const sameVersions: readonly SameVersion[] = [
  { distribution: 'flashinfer-cubin', ...flashInfer },
  { distribution: 'flashinfer-jit-cache', ...flashInfer },
  { distribution: 'jax-cuda12-plugin', ...jaxPlugin },
  { distribution: 'jax-cuda13-plugin', ...jaxPlugin },
  {
    distribution: 'jaxlib',
    beside: 'jax',
    kind: 'not-newer',
    from: '0.3',
    posts: false,
    only: ['jax'],
    happens: 'JAX does not import',
    source: {
      title: 'JAX, jax/_src/lib: "jaxlib version is newer than and incompatible with jax version"; Alpa, documentation',
      url: 'https://github.com/jax-ml/jax/blob/main/jax/_src/lib/__init__.py',
      date: '2026-11',
      // The first version is that of the reports.
      inferred: true,
    },
  },
];
