import type { Verdict } from '../../core/units/verdict.ts';
import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';
import type { ImageRow } from './case-row.ts';

/**
 * One node against one service that needs `need` devices with kernels for 8.0. Devices by letter: `p` an A100, `f` a T4,
 * `u` an A100 whose driver is not known, `g` and `s` A100s cut into one instance of 20 GiB and one of 5 GiB, `o` an A100 with
 * MIG on and no instance, `h` an H100 behind NVSwitches whose fabric nobody read, `c` the same with a fabric that is up.
 */
export interface NodeRow {
  readonly devices: string | null;
  readonly need: number;
  readonly choice: 'each' | 'any';
  readonly verdict: Verdict;
  readonly cannotLand?: true;
  readonly incomplete?: true;
  readonly architecture?: string | null;
  /** The code is a command, and not an image. */
  readonly command?: true;
  /** The devices are those of a declared class. */
  readonly declared?: true;
  /** What the device plugin hands out; by default 8 boards where the choice is `any`. */
  readonly allocatable?: Readonly<Record<string, number>>;
  readonly source?: NodeFacts['source'];
  /** Flags of the CPU; not read by default. */
  readonly features?: string;
  /** Level that a library of the image says it needs, and instruction sets that the contract names. */
  readonly cpuLevel?: string;
  readonly instructions?: readonly string[];
  /** What differs in the image. */
  readonly image?: ImageRow;
  /** Labels of the kubelet beside its facts. */
  readonly kubelet?: Readonly<Record<string, string>>;
  /** What the contract asks for by `preflight: 1h` found: checks of these verdicts, an hour and a second ago where it is old. */
  readonly preflight?: 'none' | 'old' | 'pass' | 'fail' | 'unknown';
  /** How the sentence on the node begins; not looked at by default. */
  readonly reason?: string;
  /** The node has the label that the selector names, with this value. */
  readonly label?: 'asked for' | 'another';
}

type Line = readonly [
  devices: string | null,
  need: number,
  choice: 'each' | 'any',
  verdict: Verdict,
  rest?: Partial<NodeRow>,
];
/** Flags of x86-64-v3 and of the levels below (System V ABI supplement). */
/** Ollama with one program for CUDA, in a folder that may name a flag of the CPU. */
const ofOllama = (runner: string): ImageRow => ({
  libraries: { [`usr/lib/ollama/runners/${runner}/ollama_llama_server`]: 'sm_80 sm_90' },
});
/** An older one, with one library for a device. */
const ofOlderOllama: ImageRow = { libraries: { 'usr/lib/ollama/cuda_v12/libext_server.so': 'sm_80 sm_90' } };
const v2 = 'cx16 lahf_lm popcnt pni sse4_1 sse4_2 ssse3';
const v3 = `${v2} avx avx2 bmi1 bmi2 f16c fma abm movbe xsave`;
const lines: readonly Line[] = [
  ['p', 1, 'each', 'pass'],
  ['f', 1, 'each', 'fail'],
  ['u', 1, 'each', 'unknown'],
  ['pf', 1, 'each', 'pass'],
  ['pf', 1, 'any', 'fail'],
  ['pp', 1, 'any', 'pass'],
  ['pu', 1, 'any', 'unknown'],
  ['fu', 1, 'any', 'fail'],
  ['fu', 1, 'each', 'unknown'],
  ['pu', 1, 'each', 'pass'],
  ['pu', 2, 'each', 'unknown'],
  ['pf', 2, 'each', 'fail'],
  ['ppf', 2, 'each', 'pass'],
  ['ppf', 2, 'any', 'fail'],
  ['pp', 2, 'any', 'pass'],
  ['p', 2, 'each', 'fail', { cannotLand: true }],
  ['p', 2, 'any', 'fail', { cannotLand: true }],
  ['', 1, 'each', 'fail', { cannotLand: true }],
  ['o', 1, 'each', 'fail', { cannotLand: true }],
  [null, 1, 'each', 'unknown'],
  ['p', 1, 'each', 'pass', { incomplete: true }],
  ['p', 1, 'any', 'unknown', { incomplete: true }],
  ['f', 1, 'any', 'fail', { incomplete: true }],
  ['p', 2, 'each', 'unknown', { incomplete: true }],
  ['', 1, 'any', 'unknown', { incomplete: true }],
  ['g', 1, 'each', 'pass'],
  ['s', 1, 'each', 'fail'],
  ['g', 1, 'any', 'pass'],
  ['gs', 1, 'any', 'pass'],
  ['s', 1, 'any', 'fail'],
  ['gf', 1, 'any', 'pass'],
  ['sp', 1, 'any', 'pass'],
  ['sf', 1, 'any', 'fail'],
  ['su', 1, 'any', 'unknown'],
  ['sgg', 1, 'each', 'pass'],
  ['p', 1, 'each', 'fail', { architecture: 'arm64' }],
  ['p', 1, 'each', 'pass', { architecture: 'x86_64' }],
  ['p', 1, 'each', 'unknown', { architecture: null }],
  ['f', 1, 'each', 'fail', { architecture: null }],
  ['u', 1, 'each', 'fail', { architecture: 'arm64' }],
  ['u', 1, 'each', 'unknown', { architecture: null }],
  ['p', 1, 'each', 'unknown', { command: true }],
  ['pp', 2, 'each', 'pass', { declared: true }],
  ['p', 2, 'each', 'fail', { declared: true, cannotLand: true }],
  ['f', 1, 'each', 'fail', { declared: true }],
  ['p', 1, 'each', 'pass', { label: 'asked for' }],
  ['p', 1, 'each', 'unknown', { label: 'another' }],
  // Allocatable is what is left of the capacity: "Reserve Compute Resources for System Daemons", kubernetes.io.
  ['pppppppp', 8, 'any', 'fail', { allocatable: { 'nvidia.com/gpu': 4 }, cannotLand: true }],
  ['pppppppp', 4, 'any', 'pass', { allocatable: { 'nvidia.com/gpu': 4 } }],
  ['p', 1, 'any', 'fail', { allocatable: { 'nvidia.com/gpu': 0 }, cannotLand: true }],
  ['p', 1, 'any', 'fail', { allocatable: { 'nvidia.com/gpu': 0 }, cannotLand: true, incomplete: true }],
  ['p', 1, 'each', 'pass', { allocatable: { 'nvidia.com/gpu': 0 }, source: 'resource-slice' }],
  ['pf', 1, 'any', 'fail', { allocatable: { 'nvidia.com/gpu': 1 } }],
  ['pp', 2, 'any', 'pass', { allocatable: { 'nvidia.com/gpu': 0, 'nvidia.com/gpu.shared': 8 } }],
  ['gp', 1, 'any', 'pass', { allocatable: { 'nvidia.com/gpu': 0, 'nvidia.com/mig-3g.20gb': 1 } }],
  ['gg', 1, 'any', 'fail', { allocatable: { 'nvidia.com/gpu': 0, 'nvidia.com/mig-3g.20gb': 0 }, cannotLand: true }],
  ['sp', 1, 'any', 'fail', { allocatable: { 'nvidia.com/gpu': 0, 'nvidia.com/mig-1g.5gb': 1 } }],
  ['gs', 1, 'any', 'fail', { allocatable: { 'nvidia.com/mig-1g.5gb': 1 } }],
  ['p', 1, 'each', 'pass', { features: v3, cpuLevel: 'x86-64-v3' }],
  ['p', 1, 'each', 'fail', { features: v3.replace(' avx2', ''), cpuLevel: 'x86-64-v3' }],
  ['u', 1, 'each', 'fail', { features: v3.replace(' avx2', ''), cpuLevel: 'x86-64-v3' }],
  ['u', 1, 'each', 'unknown', { features: v3, cpuLevel: 'x86-64-v3' }],
  ['p', 1, 'each', 'unknown', { cpuLevel: 'x86-64-v3', reason: 'the flags of its CPU were not read' }],
  ['u', 1, 'each', 'unknown', { cpuLevel: 'x86-64-v3', reason: '0 of 1 devices do, 1 are not known' }],
  ['f', 1, 'each', 'fail', { cpuLevel: 'x86-64-v3' }],
  ['p', 1, 'each', 'pass', { cpuLevel: 'x86-64-v2' }],
  ['p', 1, 'each', 'fail', { features: 'sse2', cpuLevel: 'x86-64-v2' }],
  ['p', 1, 'each', 'pass', { features: `${v3} avx512f`, instructions: ['avx512f'] }],
  ['p', 1, 'each', 'fail', { features: v3, instructions: ['avx512f'] }],
  ['p', 1, 'each', 'unknown', { instructions: ['avx2'] }],
  ['p', 1, 'each', 'pass', { instructions: ['popcnt'] }],
  ['p', 1, 'each', 'pass', { instructions: ['amx_tile'], declared: true }],
  ['p', 1, 'each', 'unknown', { kubelet: { 'kubernetes.io/arch': 'arm64' } }],
  ['p', 1, 'each', 'pass', { kubelet: { 'kubernetes.io/arch': 'amd64', 'kubernetes.io/os': 'linux' } }],
  ['p', 1, 'each', 'pass', { kubelet: { 'kubernetes.io/arch': 'amd64' }, architecture: null }],
  ['p', 1, 'each', 'fail', { kubelet: { 'kubernetes.io/os': 'windows' } }],
  ['u', 1, 'each', 'fail', { kubelet: { 'kubernetes.io/os': 'windows' } }],
  // A node that holds a whole baseboard starts the fabric itself: NVIDIA Fabric Manager User Guide, "Virtualization Models".
  ['hhhhhhhh', 1, 'each', 'unknown'],
  ['hhhhhhhh', 1, 'any', 'unknown'],
  ['hhhhhhhh', 1, 'each', 'unknown', { source: 'nvidia-smi' }],
  ['hhhhhhhh', 1, 'each', 'pass', { source: 'resource-slice' }],
  ['hhhhhhhh', 1, 'each', 'pass', { source: 'node-labels' }],
  ['hhhhhhhh', 1, 'each', 'pass', { declared: true }],
  ['hhhhhhh', 1, 'each', 'pass'],
  ['pphhhhhh', 1, 'each', 'pass'],
  ['pppppppp', 1, 'each', 'pass'],
  ['cccccccc', 1, 'each', 'pass'],
  ['ccccccch', 1, 'each', 'unknown'],
  ['hhhhhhhh', 9, 'each', 'fail', { cannotLand: true }],
  ['hhhhhhhh', 1, 'each', 'fail', { architecture: 'arm64' }],
  // Published wheels: TensorFlow 1.6 release notes, JAX issue 31723, NumPy issue 31939.
  ['p', 1, 'each', 'fail', { features: v2, image: { python: { tensorflow: '2.0.0' } } }],
  ['p', 1, 'each', 'pass', { features: v3, image: { python: { tensorflow: '2.0.0' } } }],
  ['p', 1, 'each', 'pass', { image: { python: { tensorflow: '2.0.0' } } }],
  ['p', 1, 'each', 'fail', { features: v2, image: { python: { 'tensorflow-gpu': '1.6.0' } } }],
  ['p', 1, 'each', 'fail', { features: v2, image: ofOllama('cuda_v12_avx') }],
  ['p', 1, 'each', 'pass', { features: v3, image: ofOllama('cuda_v12_avx') }],
  ['p', 1, 'each', 'pass', { features: v2, image: ofOllama('cuda_v11') }],
  ['p', 1, 'each', 'fail', { features: v2, image: ofOlderOllama }],
  ['p', 1, 'each', 'pass', { features: v3, image: ofOlderOllama }],
  ['p', 1, 'each', 'pass', { features: v2, image: { python: { tensorflow: '1.5.1' } } }],
  ['p', 1, 'each', 'fail', { features: v2, image: { python: { jaxlib: '0.1.62' } } }],
  ['p', 1, 'each', 'pass', { features: v2, image: { python: { jaxlib: '0.1.61' } } }],
  ['p', 1, 'each', 'fail', { features: 'cx16 pni', image: { python: { numpy: '2.4.0' } } }],
  ['p', 1, 'each', 'pass', { features: v2, image: { python: { numpy: '2.4.0' } } }],
  ['p', 1, 'each', 'pass', { features: 'cx16 pni', image: { python: { numpy: '2.3.5' } } }],
  ['u', 1, 'each', 'fail', { features: v2, image: { python: { jaxlib: '0.4.30' } } }],
  ['p', 1, 'each', 'pass', { features: 'asimd', image: { python: { jaxlib: '0.4.30' } }, declared: true }],
  // llama.cpp, GGML_NATIVE: the build is for the CPU of whoever builds it.
  ['p', 1, 'each', 'unknown', { features: v3, image: { libraries: { 'app/libggml-cuda.so': 'sm_80' } } }],
  ['p', 1, 'each', 'pass', { features: `${v3} avx512f`, image: { libraries: { 'app/libggml-cuda.so': 'sm_80' } } }],
  ['p', 1, 'each', 'pass', { image: { libraries: { 'app/libggml-cuda.so': 'sm_80' } } }],
  [
    'p',
    1,
    'each',
    'pass',
    { features: v3, instructions: ['avx2'], image: { libraries: { 'app/libggml-cuda.so': 'sm_80' } } },
  ],
  ['p', 1, 'each', 'fail', { features: v3, image: { instructions: { 'app/libggml-cpu.so': 'avx avx512f' } } }],
  ['p', 1, 'each', 'fail', { features: v3, image: { instructions: { 'usr/bin/llama-server': 'avx512f' } } }],
  ['u', 1, 'each', 'fail', { features: v3, image: { instructions: { 'app/libggml-cpu.so': 'avx512f' } } }],
  [
    'f',
    1,
    'each',
    'fail',
    { features: v3, image: { instructions: { 'app/libggml-cpu.so': 'avx512f' } }, reason: '0 of 1 devices do' },
  ],
  [
    'p',
    1,
    'each',
    'fail',
    { features: v3, image: { instructions: { 'app/libggml-cpu.so': 'avx512f' } }, reason: 'app/libggml-cpu.so uses' },
  ],
  ['p', 1, 'each', 'pass', { features: v3, image: { instructions: { 'app/libggml-cpu.so': 'avx avx2' } } }],
  ['p', 1, 'each', 'pass', { preflight: 'pass' }],
  ['p', 1, 'each', 'fail', { preflight: 'none', reason: 'hardware.preflight asks' }],
  ['p', 1, 'each', 'fail', { preflight: 'old', reason: 'its preflight is 3601s' }],
  ['p', 1, 'each', 'fail', { preflight: 'fail', reason: 'its preflight: ' }],
  ['p', 1, 'each', 'unknown', { preflight: 'unknown', reason: 'its preflight: ' }],
  ['u', 1, 'each', 'unknown', { preflight: 'pass' }],
  ['u', 1, 'each', 'unknown', { preflight: 'unknown', reason: '0 of 1 devices do, 1 are not known' }],
  ['u', 1, 'each', 'fail', { preflight: 'fail', reason: 'its preflight: ' }],
  ['f', 1, 'each', 'fail', { preflight: 'fail', reason: '0 of 1 devices do' }],
  ['p', 1, 'each', 'unknown', { preflight: 'none', declared: true, reason: 'a declared class has no preflight' }],
  ['p', 1, 'each', 'pass', { features: v3, image: { instructions: { 'app/libggml.so': 'avx512f dispatches' } } }],
  ['p', 1, 'each', 'pass', { features: v3, image: { instructions: { 'app/libapp.so': 'avx512f' } } }],
  ['p', 1, 'each', 'pass', { features: `${v3} avx512f`, image: { instructions: { 'app/libggml.so': 'avx512f' } } }],
  ['u', 1, 'each', 'unknown', { features: v3, image: { libraries: { 'app/libggml-cuda.so': 'sm_80' } } }],
  ['f', 1, 'each', 'fail', { features: v3, image: { libraries: { 'app/libggml-cuda.so': 'sm_80' } } }],
  ['p', 1, 'each', 'pass', { features: v3, instructions: ['avx'], image: { instructions: { 'a.so': 'avx512f' } } }],
  [
    'p',
    1,
    'each',
    'fail',
    {
      features: v3,
      image: { instructions: { 'app/liba.so': 'avx512f', 'app/libllama.so': 'avx512f', 'app/libz.so': 'amx_tile' } },
    },
  ],
];

export const nodeRows: readonly NodeRow[] = lines.map(([devices, need, choice, verdict, rest]) => ({
  devices,
  need,
  choice,
  verdict,
  ...rest,
}));

const gib = 2 ** 30;
const board: DeviceFacts = {
  index: null,
  uuid: null,
  product: 'NVIDIA A100-SXM4-40GB',
  brand: 'nvidia',
  architecture: null,
  pciDeviceId: '0x20B010DE',
  pciBusId: null,
  computeCapability: '8.0',
  memoryBytes: 40 * gib,
  reservedBytes: null,
  driver: '550.54.14',
  driverCuda: '12.4',
  mig: { capable: true, enabled: false, instances: [] },
  sharing: 'exclusive',
  eccEnabled: null,
  numaNode: null,
  link: null,
  powerLimitWatts: null,
  throttleReasons: null,
  certainty: 'device',
  unknown: {},
};
const cut = (profile: string, gibibytes: number): Partial<DeviceFacts> => ({
  sharing: 'mig',
  mig: {
    capable: true,
    enabled: true,
    instances: [{ profile, uuid: null, memoryBytes: gibibytes * gib, multiprocessors: null, placement: null }],
  },
});
const hopper: Partial<DeviceFacts> = {
  product: 'NVIDIA H100 80GB HBM3',
  computeCapability: '9.0',
  memoryBytes: 80 * gib,
  pciDeviceId: '0x233010DE',
};
const letters: Readonly<Record<string, Partial<DeviceFacts>>> = {
  p: {},
  f: { product: 'Tesla T4', computeCapability: '7.5', mig: { capable: false, enabled: false, instances: [] } },
  u: { driver: null },
  g: cut('3g.20gb', 20),
  s: cut('1g.5gb', 4.75),
  h: hopper,
  c: { ...hopper, state: { fabric: 'completed' } },
  o: { sharing: 'mig', mig: { capable: true, enabled: true, instances: [] } },
};

export function nodeOf(row: NodeRow): NodeFacts {
  const { devices, choice, incomplete, architecture = 'x64', label, source = 'nvml', kubelet } = row;
  return {
    name: 'node',
    source,
    takenAtMs: null,
    labels: { ...kubelet, ...(label === undefined ? {} : { pool: label }) },
    allocatable: row.allocatable ?? (choice === 'any' ? { 'nvidia.com/gpu': 8 } : {}),
    cpu:
      architecture === null
        ? null
        : { architecture, model: null, cores: null, features: row.features?.split(' ') ?? null },
    memoryBytes: null,
    kernel: null,
    containerToolkit: null,
    ...preflightOf(row),
    devices: devices === null ? null : [...devices].map((letter) => ({ ...board, ...letters[letter] })),
    unknown: incomplete === true ? { devices: 'one fell off the bus' } : {},
  };
}

/** Facts of a pool of the cases are of this moment. */
export const takenAtMs = 10_000_000;
const hourMs = 3_600_000;

/** What a contract asks for where a row speaks of a preflight. */
export const preflightMaxAgeOf = ({ preflight }: NodeRow): number | undefined =>
  preflight === undefined ? undefined : hourMs;

function preflightOf({ preflight }: NodeRow): Pick<NodeFacts, 'preflight'> {
  if (preflight === undefined || preflight === 'none') return {};
  const verdict = preflight === 'old' ? 'pass' : preflight;
  const reason = verdict === 'pass' ? null : 'other bytes arrived';
  return {
    preflight: {
      takenAtMs: takenAtMs - (preflight === 'old' ? hourMs + 1_000 : 0),
      tookMs: 1,
      checks: [{ kind: 'memory', of: 'NUMA node 0', verdict, reason }],
    },
  };
}
