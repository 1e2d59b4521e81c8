import type { Compatibility } from '../../core/contract/contract.ts';
import type { HardwareRow, ImageRow } from './case-row.ts';

/** One CPU service on one CPU. */
export interface CpuRow {
  readonly name: string;
  readonly architecture: string;
  readonly features: string | null;
  readonly image: ImageRow | null;
  readonly runtime?: Readonly<Record<string, string>>;
  readonly hardware?: HardwareRow;
  readonly compatibility: Compatibility;
  readonly rule: string;
}

const v2 = 'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3';
const v3 = `${v2} avx avx2 bmi1 bmi2 f16c fma abm movbe xsave`;
const v4 = `${v3} avx512f avx512bw avx512cd avx512dq avx512vl`;
const without = (flags: string, flag: string): string =>
  flags
    .split(' ')
    .filter((each) => each !== flag)
    .join(' ');

const row = (
  name: string,
  architecture: string,
  features: string | null,
  image: ImageRow | null,
  compatibility: Compatibility,
  rule: string,
  rest: Partial<CpuRow> = {},
): CpuRow => ({ name, architecture, features, image, compatibility, rule, ...rest });

const needs = (cpuLevel: string): ImageRow => ({ cuda: null, libraries: {}, cpuLevel });
const asks = (...instructions: string[]): Partial<CpuRow> => ({ hardware: { instructions } });
const plain: ImageRow = { cuda: null, libraries: {} };
const wheel = (name: string, version: string): ImageRow => ({ ...plain, python: { [name]: version } });
const code = (used: string): ImageRow => ({ ...plain, instructions: { 'app/libggml-cpu.so': used } });
const runners = (...folders: readonly string[]): ImageRow => ({
  ...plain,
  libraries: Object.fromEntries(
    folders.map((folder) => [`usr/lib/ollama/runners/${folder}/ollama_llama_server`, 'sm_80']),
  ),
});
/** The library of an older Ollama for a device, and what was read of its code. */
const server = (used?: string, folder = 'usr/lib/ollama/cuda_v12'): ImageRow => ({
  ...plain,
  libraries: { [`${folder}/libext_server.so`]: 'sm_80' },
  ...(used === undefined ? {} : { instructions: used === '' ? {} : { [`${folder}/libext_server.so`]: used } }),
});
const levels: readonly CpuRow[] = (
  [
    ['x86-64-v2', v2],
    ['x86-64-v3', v3],
    ['x86-64-v4', v4],
  ] as const
).flatMap(([level, flags]) => [
  row(`${level} with every flag`, 'x64', flags, needs(level), 'native', 'cpu-features'),
  ...flags
    .split(' ')
    .map((flag) =>
      row(`${level} without ${flag}`, 'x64', without(flags, flag), needs(level), 'incompatible', 'cpu-features'),
    ),
]);

/** Levels by the System V ABI supplement; architectures by the OCI specification. */
export const cpuRows: readonly CpuRow[] = [
  ...levels,
  row('an amd64 image on x64', 'x64', v2, plain, 'native', 'cpu-architecture'),
  row('an amd64 image on arm64', 'arm64', 'asimd', plain, 'incompatible', 'cpu-architecture'),
  row(
    'an arm64 image on aarch64',
    'aarch64',
    'asimd',
    { ...plain, architecture: 'arm64' },
    'native',
    'cpu-architecture',
  ),
  row(
    'an arm64 image on x86_64',
    'x86_64',
    v4,
    { ...plain, architecture: 'arm64' },
    'incompatible',
    'cpu-architecture',
  ),
  row(
    'a riscv64 image on riscv64',
    'riscv64',
    null,
    { ...plain, architecture: 'riscv64' },
    'native',
    'cpu-architecture',
  ),
  row(
    'a level is of x86 only',
    'arm64',
    'asimd',
    { ...plain, architecture: 'arm64', cpuLevel: 'x86-64-v3' },
    'native',
    'cpu-architecture',
  ),
  row('instructions that the contract names', 'x64', v4, plain, 'native', 'cpu-instructions', asks('avx512f')),
  row('one of two is lacking', 'x64', v3, plain, 'incompatible', 'cpu-instructions', asks('avx2', 'avx512f')),
  row(
    'the instructions are there, and the architecture is another',
    'arm64',
    'asimd avx2',
    plain,
    'incompatible',
    'cpu-architecture',
    asks('avx2'),
  ),
  row('nobody read the flags', 'x64', null, plain, 'unknown', 'cpu-instructions', asks('avx2')),
  row(
    'a command, and instructions that are lacking',
    'x64',
    v2,
    null,
    'incompatible',
    'cpu-instructions',
    asks('avx2'),
  ),
  row('TensorFlow without AVX', 'x64', v2, wheel('tensorflow', '2.0.0'), 'incompatible', 'cpu-used-instructions'),
  row('TensorFlow with AVX', 'x64', v3, wheel('tensorflow', '2.0.0'), 'native', 'cpu-architecture'),
  row('TensorFlow before AVX', 'x64', v2, wheel('tensorflow', '1.5.0'), 'native', 'cpu-architecture'),
  row(
    'TensorFlow for ARM',
    'arm64',
    'asimd',
    { ...wheel('tensorflow', '2.0.0'), architecture: 'arm64' },
    'native',
    'cpu-architecture',
  ),
  row('a library that uses AVX-512', 'x64', v3, code('avx512f'), 'incompatible', 'cpu-used-instructions'),
  row('a library that uses AVX', 'x64', v3, code('avx'), 'native', 'cpu-architecture'),
  row(
    'a library for one CPU that nobody looked into',
    'x64',
    v3,
    { ...plain, libraries: { 'app/libggml-cuda.so': 'sm_80' } },
    'unknown',
    'cpu-used-instructions',
  ),
  row(
    'a runner of Ollama for AVX, without it',
    'x64',
    v2,
    runners('cuda_v12_avx'),
    'incompatible',
    'cpu-used-instructions',
  ),
  row('a runner of Ollama for AVX, with it', 'x64', v3, runners('cuda_v12_avx'), 'native', 'cpu-architecture'),
  row('an older Ollama, and no AVX', 'x64', v2, server(), 'incompatible', 'cpu-used-instructions'),
  row('an older Ollama, and AVX', 'x64', v3, server(), 'native', 'cpu-architecture'),
  row(
    'an older Ollama whose code uses AVX, and none',
    'x64',
    v2,
    server('avx'),
    'incompatible',
    'cpu-used-instructions',
  ),
  row(
    'an older Ollama whose code uses AVX2',
    'x64',
    without(v3, 'avx2'),
    server('avx avx2'),
    'incompatible',
    'cpu-used-instructions',
  ),
  row('an older Ollama whose code uses no AVX', 'x64', v2, server(''), 'native', 'cpu-architecture'),
  row(
    'an older Ollama that lies where it was built',
    'x64',
    v2,
    server(undefined, 'root/llm/build/linux/x86_64/cuda_v11/lib'),
    'incompatible',
    'cpu-used-instructions',
  ),
  row('its library for the CPU', 'x64', v2, server(undefined, 'usr/lib/ollama/cpu'), 'native', 'cpu-architecture'),
  row(
    'a library of that name of another program',
    'x64',
    v2,
    server(undefined, 'app/cuda'),
    'native',
    'cpu-architecture',
  ),
  row(
    'an older Ollama, and what the contract states',
    'x64',
    v2,
    server(),
    'native',
    'cpu-architecture',
    asks('sse4_2'),
  ),
  row('a runner of Ollama for every CPU', 'x64', v2, runners('cuda_v11'), 'native', 'cpu-architecture'),
  row(
    'runners of Ollama, of which one is for every CPU',
    'x64',
    v2,
    runners('cuda_v12_avx', 'cuda_v11'),
    'native',
    'cpu-architecture',
  ),
  row('a runner of Ollama for AVX2', 'x64', v2, runners('cuda_v12_avx2'), 'incompatible', 'cpu-used-instructions'),
  row(
    'a runner of Ollama for AVX, and what the contract states',
    'x64',
    v2,
    runners('cuda_v12_avx'),
    'native',
    'cpu-architecture',
    asks('sse4_2'),
  ),
  row(
    'another library',
    'x64',
    v3,
    { ...plain, instructions: { 'app/libapp.so': 'avx512f' } },
    'native',
    'cpu-architecture',
  ),
  row('a library that asks the CPU', 'x64', v3, code('avx512f dispatches'), 'native', 'cpu-architecture'),
  row('a library on a CPU that has it', 'x64', v4, code('avx512f'), 'native', 'cpu-architecture'),
  row('a library, and nobody read the flags', 'x64', null, code('avx512f'), 'unknown', 'cpu-used-instructions'),
  row(
    'TensorFlow, and nobody read the flags',
    'x64',
    null,
    wheel('tensorflow', '2.0.0'),
    'unknown',
    'cpu-used-instructions',
  ),
  row('v3 on a v4 machine', 'x64', v4, needs('x86-64-v3'), 'native', 'cpu-features'),
  row('v4 on a v3 machine', 'x64', v3, needs('x86-64-v4'), 'incompatible', 'cpu-features'),
  row('v1 needs nothing', 'x64', '', needs('x86-64-v1'), 'native', 'cpu-features'),
  row(
    'v1 needs nothing, also where the features are not known',
    'x64',
    null,
    needs('x86-64-v1'),
    'native',
    'cpu-features',
  ),
  row('no level is stated, and the features are not known', 'x64', null, plain, 'native', 'cpu-features'),
  row('a level is stated, and the features are not known', 'x64', null, needs('x86-64-v2'), 'unknown', 'cpu-features'),
  row('a level that no table knows', 'x64', v4, needs('x86-64-v5'), 'unknown', 'cpu-features'),
  row(
    'the level could not be read',
    'x64',
    v4,
    { ...plain, unknown: { cpuLevel: 'a layer is damaged' } },
    'unknown',
    'cpu-features',
  ),
  row('an image with CUDA runs on a CPU too', 'x64', v2, {}, 'native', 'cpu-architecture'),
  row('a command with the built-in runtime', 'x64', null, null, 'native', 'cpu-architecture', {
    runtime: { onnxruntime: '1.30.0' },
  }),
  row('a command with the built-in runtime on arm64', 'arm64', null, null, 'native', 'cpu-architecture', {
    runtime: { onnxruntime: '1.30.0' },
  }),
  row(
    'a command with the built-in runtime where it is not shipped for',
    'riscv64',
    null,
    null,
    'incompatible',
    'cpu-architecture',
    { runtime: { onnxruntime: '1.30.0' } },
  ),
  row('a command without any pinned runtime', 'x64', null, null, 'unknown', 'cpu-architecture'),
  row('a command with a runtime of no table', 'x64', null, null, 'unknown', 'cpu-architecture', {
    runtime: { llamafile: '0.9' },
  }),
  row('the runtime is outside', 'x64', null, null, 'incompatible', 'contract-runtime', {
    runtime: { onnxruntime: '1.30.0' },
    hardware: { runtime: { onnxruntime: '<1.30' } },
  }),
  row('the runtime is inside', 'x64', null, null, 'native', 'contract-runtime', {
    runtime: { onnxruntime: '1.30.0' },
    hardware: { runtime: { onnxruntime: '>=1.30' } },
  }),
];
