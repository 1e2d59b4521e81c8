import type { Compatibility } from '../../src/core/contract/contract.ts';
import type { Finding, NodeVerdict, PoolVerdict } from '../../src/core/hardware/compatibility.ts';
import { poolMatrix, type PoolMatrix } from '../../src/core/hardware/pool-matrix.ts';
import type { Verdict } from '../../src/core/units/verdict.ts';
import { digestOf } from './fake-parts.ts';

/** Pools that do not exist, one device class for each answer there is. */
interface FakeClass {
  readonly description: string;
  readonly compatibility: Compatibility;
  readonly message: string;
  readonly source: string;
  readonly fix?: string;
}

const classes: readonly FakeClass[] = [
  {
    description: 'NVIDIA H100 80GB HBM3, capability 9.0, 79.6 GiB, driver 580.105.8, CUDA 13.0',
    compatibility: 'native',
    message: 'driver 580.105.8 is at least 580.65.06, the driver of CUDA 13.0',
    source: 'CUDA 13.1 release notes, table 2, 2025-12',
  },
  {
    description: 'NVIDIA A100-SXM4-40GB, capability 8.0, 40 GiB, driver 580.65.6, CUDA 13.0',
    compatibility: 'minor-version',
    message: 'driver 580.65.6 runs CUDA 13.1 by minor-version compatibility: it is of major 13 and at least 580',
    source: 'CUDA compatibility, minor version compatibility, 2025-12',
  },
  {
    description: 'NVIDIA A30, capability 8.0, 24 GiB, driver 535.183.6, CUDA 12.2',
    compatibility: 'forward',
    message: 'the image brings cuda-compat 590.44.01, whose note names branch 535 and data-centre brands',
    source: 'note .note.cuda.fwd_compatibility of the image',
  },
  {
    description: 'Tesla T4, capability 7.5, 15 GiB, driver 570.124.6, CUDA 12.8',
    compatibility: 'incompatible',
    message: '`libonnxruntime_providers_cuda.so` has no kernel for 7.5: it has 8.0 8.6 8.9 9.0, and no PTX',
    source: 'CUDA programming guide, binary compatibility, 2025-12',
    fix: 'build with sm_75, or keep these nodes out by the selector',
  },
  {
    description: 'a product that is not known, driver 570.124.6, CUDA 12.8',
    compatibility: 'unknown',
    message:
      'the compute capability is not known: the labels of a node that holds several products speak of one of them',
    source: 'k8s-device-plugin issue 731',
    fix: 'plimsoll probe on the node, or its ResourceSlice',
  },
];

const verdictOf: Readonly<Record<Compatibility, Verdict>> = {
  native: 'pass',
  'minor-version': 'pass',
  forward: 'pass',
  incompatible: 'fail',
  unknown: 'unknown',
};

const nodeOf = (node: string, ...devices: readonly number[]): NodeVerdict => {
  const answers = devices.map((index) => classes[index]?.compatibility ?? 'unknown');
  const fits = answers.filter((each) => verdictOf[each] === 'pass').length;
  const verdict: Verdict = fits === devices.length ? 'pass' : answers.includes('incompatible') ? 'fail' : 'unknown';
  return {
    node,
    verdict,
    reason: `${fits} of ${devices.length} devices do, and 1 is asked for`,
    devices: devices.map((index, position) => ({
      device: `GPU ${position}`,
      deviceClass: digestOf(`class ${index}`),
      compatibility: classes[index]?.compatibility ?? 'unknown',
      verdict: verdictOf[classes[index]?.compatibility ?? 'unknown'],
    })),
  };
};

const eight = (index: number): readonly number[] => Array<number>(8).fill(index);

function poolOf(environment: string, pool: string, nodes: readonly NodeVerdict[]): PoolVerdict {
  const used = new Set(nodes.flatMap(({ devices }) => devices.map(({ deviceClass }) => deviceClass)));
  const failing = nodes.filter(({ verdict }) => verdict === 'fail').length;
  return {
    service: 'digits',
    environment,
    pool,
    verdict: failing > 0 ? 'fail' : nodes.some(({ verdict }) => verdict === 'unknown') ? 'unknown' : 'pass',
    reasons: [
      failing > 0 ? `${failing} of ${nodes.length} nodes that it may land on cannot run it` : 'every node does',
    ],
    restsOnDeclared: environment === 'staging',
    nodes,
    nodesLeftOut: 0,
    classes: Object.fromEntries(
      classes.flatMap(({ description, compatibility, message, source, fix }, index) => {
        const deviceClass = digestOf(`class ${index}`);
        const finding: Finding = {
          rule: 'driver',
          compatibility,
          weight: 'deciding',
          message,
          facts: {},
          source,
          ...(fix === undefined ? {} : { fix }),
        };
        const verdict = {
          deviceClass,
          description,
          compatibility,
          verdict: verdictOf[compatibility],
          findings: [finding],
        };
        return used.has(deviceClass) ? [[deviceClass, verdict]] : [];
      }),
    ),
  };
}

/** A small pool with every answer; with `crowded`, one of thousands of nodes that two environments share. */
export function fakePools(crowded: boolean, nowMs: number): readonly PoolMatrix[] {
  const small = [
    nodeOf('gpu-h100-01', ...eight(0)),
    nodeOf('gpu-h100-02', ...eight(0)),
    nodeOf('gpu-a100-01', 1, 1, 1, 1),
    nodeOf('gpu-a30-01', 2, 2),
    nodeOf('gpu-mixed-01', 1, 3),
    nodeOf('gpu-labels-only-01', 4, 4, 4, 4),
  ];
  if (!crowded) return [poolMatrix([poolOf('default', 'h100-eu', small)], nowMs - 21 * 86_400_000)];
  const many = Array.from({ length: 4_000 }, (_, index) => nodeOf(`node-${index}`, ...eight(index % 50 === 0 ? 3 : 0)));
  return [
    poolMatrix([poolOf('prod', 'h100-eu', [...small, ...many]), poolOf('staging', 'h100-eu', small)], nowMs),
    poolMatrix([poolOf('default', 'this machine', [nodeOf('lab-1', 3)])], null),
  ];
}
