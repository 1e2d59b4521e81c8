import type { Source } from '../source.ts';

/** glibc that the published wheel of a Python distribution is linked to, where its name does not tell (no `manylinux` tag). */
export interface WheelFloor {
  readonly distribution: string;
  readonly from: string;
  readonly to: string | null;
  readonly glibc: string;
  /** Pattern of the path of its library: what was read of one decides, for it may be somebody's own build. */
  readonly library: string;
  /** Where nobody read the glibc of the image a pass names it, for its images bring a newer one as a rule; else the answer is unknown. */
  readonly named?: true;
  readonly source: Source;
}

/** Tags of these wheels say `manylinux1`, or an older glibc than their libraries ask for. */
const vllm = (from: string, to: string, glibc: string): WheelFloor => ({
  ...{ distribution: 'vllm', from, to, glibc },
  library: String.raw`/vllm/_C[^/]*\.so`,
  named: true,
  source: {
    title:
      'vLLM, symbols of the libraries of the wheels 0.5.2 to 0.33.0; issues 6462, 6562 and 41103: "GLIBC_2.32 not found", "GLIBC_2.34 not found"',
    url: 'https://github.com/vllm-project/vllm/issues/41103',
    date: '2026-04-29',
  },
});

export const wheelFloors: readonly WheelFloor[] = [
  {
    distribution: 'flash-attn',
    from: '2.8',
    to: null,
    glibc: '2.32',
    library: String.raw`/flash_attn_2_cuda[^/]*\.so`,
    source: {
      title: 'flash-attention issues 1708 and 1762: wheels of 2.8 need GLIBC_2.32',
      url: 'https://github.com/Dao-AILab/flash-attention/issues/1708',
      date: '2025-06-18',
    },
  },
  {
    distribution: 'mamba-ssm',
    from: '2.2.5',
    to: null,
    glibc: '2.32',
    library: String.raw`/selective_scan_cuda[^/]*\.so`,
    source: {
      title: 'mamba issues 765 and 949: selective_scan_cuda of 2.2.5 and later needs GLIBC_2.32',
      url: 'https://github.com/state-spaces/mamba/issues/765',
      date: '2026-05-12',
    },
  },
  vllm('0.5.2', '0.5.2', '2.32'),
  vllm('0.9', '0.19', '2.29'),
  vllm('0.20', '0.20', '2.34'),
];

/** What the compiler inside Triton knows: `ptxas` of one CUDA version. */
export interface JitCompiler {
  readonly from: string;
  readonly to: string | null;
  /** Lowest capability that it compiles for. */
  readonly least: string;
  /** Capabilities from 10.0 on that it compiles for; of older ones it knows all from `least` on. */
  readonly knows: readonly string[];
  readonly source: Source;
}

const triton: Source = {
  title: 'Triton issue 10331: ptxas of its wheels; 3.5.0 does not know sm_121a, 3.6.0 does',
  url: 'https://github.com/triton-lang/triton/issues/10331',
  date: '2026-08-18',
};

const older: Source = {
  title: 'vLLM issue 13202: "Triton only supports devices of CUDA Capability >= 7.0"; Triton issue 2780',
  url: 'https://github.com/vllm-project/vllm/issues/13202',
  date: '2025-02-13',
  // What a version before 3.3 knows of Blackwell is not told there.
  inferred: true,
};

export const tritonCompilers: readonly JitCompiler[] = [
  { from: '0', to: '1', least: '6.0', knows: [], source: { ...triton, inferred: true } },
  { from: '2', to: '3.2', least: '7.0', knows: [], source: older },
  { from: '3.3', to: '3.5', least: '7.0', knows: ['10.0', '10.1', '12.0'], source: triton },
  { from: '3.6', to: null, least: '7.0', knows: ['10.0', '10.1', '10.3', '11.0', '12.0', '12.1'], source: triton },
];

/** An engine that compiles kernels by Triton for every model, from a version on. */
export interface TritonEngine {
  readonly engine: string;
  readonly from: string;
  readonly source: Source;
}

export const tritonEngines: readonly TritonEngine[] = [
  {
    engine: 'vllm',
    from: '0.5',
    source: {
      title:
        'pascal-pkgs-ci issue 23: vLLM 0.6.6 stops on a P40 by Triton; vLLM issue 963 and pull request 2635: 0.2 to 0.4 that were built with 6.0 run on P100',
      url: 'https://github.com/vllm-project/vllm/pull/2635',
      date: '2025-05-04',
      // No report is of 0.5.
      inferred: true,
    },
  },
  {
    engine: 'sglang',
    from: '0',
    source: {
      title: 'SGLang, python/sglang/srt: kernels that every model runs by are written in Triton',
      url: 'https://github.com/sgl-project/sglang',
      date: '2025-03',
      inferred: true,
    },
  },
];
