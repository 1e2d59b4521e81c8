import type { BenchReading, FigureDefinition, Measured } from './figure.ts';
import {
  readControlPlaneKills,
  readGatewayInPod,
  readGatewayKills,
  readKubernetesFleet,
  readKubernetesRollback,
  readKubernetesStart,
} from './kubernetes-readings.ts';
import {
  readCanary,
  readCliStart,
  readDriftPeers,
  readEvaluate,
  readGate,
  readGatewayLatency,
  readGatewaySpeed,
  readInspect,
  readMemory,
  readScaling,
  readScalingSpeed,
  readToLoop,
  readToMinimal,
  readToMlServer,
  readVerify,
} from './bench-readings.ts';

import { readPackFleet, readPackOnline, readPackPlan } from './packing-readings.ts';

const gateway = ['src/gateway', 'src/bin/gateway.ts', 'src/protocols', 'bench/gateway'];
const modelServer = [
  'src/model-server',
  'src/bin/model-server.ts',
  'src/protocols/open-inference',
  'src/adapters/onnxruntime',
  'bench/model-server',
];
const controlPlane = ['src/control-plane', 'src/bin/control-plane.ts', 'src/bin/supervisor.ts', 'src/adapters/sql'];
const scaling = ['src/core/scaling', 'bench/scaling'];
const packing = ['src/core/packing', 'src/adapters/highs', 'bench/pack'];
const whole = ['src', 'package-lock.json'];

const onKubernetes = ['src/adapters/kubernetes', 'src/protocols/kubernetes-objects', 'bench/kubernetes'];

const faults = 'PLIMSOLL_FAULT_ROUNDS=100 npm run test:faults';

function ofBench(
  id: string,
  [name = '', ...args]: readonly string[],
  what: string,
  aim: string,
  sources: readonly string[],
  read: (report: unknown) => Measured,
): FigureDefinition {
  const bench: BenchReading = { name, args, read };
  return { id, what, command: ['npm run bench --', name, ...args].join(' '), aim, sources, bench };
}

function ofCommand(
  id: string,
  command: string,
  what: string,
  aim: string | null,
  sources: readonly string[],
): FigureDefinition {
  return { id, what, command, aim, sources, bench: null };
}

/** Every figure of the README, in its order, with the sources whose change makes it stale. */
export const figures: readonly FigureDefinition[] = [
  ofCommand(
    'digits-accuracy',
    'node scripts/bootstrap.mjs examples/digits/evaluate.ts',
    'accuracy on 1,500 unseen digits',
    '96 %',
    ['examples/digits'],
  ),
  ofCommand(
    'first-start',
    'npm -s start -- --once',
    'bare clone, empty npm cache, to the first answered digit',
    '3 min',
    [...whole, 'examples/digits'],
  ),
  ofCommand('later-start', 'npm -s start -- --once', 'start with trained models to the first answer', '8 s', [
    ...whole,
    'examples/digits',
  ]),
  ofCommand('control-plane-kills', faults, 'control plane killed 100 times under load', null, [
    ...controlPlane,
    ...gateway,
    'test/faults',
  ]),
  ofCommand('rollback-under-load', faults, 'model rolled back 100 times under load, to a warm version', '1 s', [
    ...controlPlane,
    ...gateway,
    'src/core/rollout',
    'test/faults',
  ]),
  ofBench(
    'gate-false-passes',
    ['gate'],
    'gate: worse by exactly the margin, let through at 95%',
    '5% beyond chance',
    ['src/core/statistics', 'src/core/evaluation', 'bench/gate'],
    readGate,
  ),
  ofBench(
    'canary-false-rollbacks',
    ['canary'],
    "canary's judge: equal releases rolled back, alpha 5%",
    '5%',
    ['src/core/statistics', 'src/core/rollout', 'bench/canary'],
    readCanary,
  ),
  ofBench(
    'drift-delays',
    ['drift', '--peers'],
    'windows until a change is found, to the best of five',
    '1.25, best rank',
    ['src/core/statistics', 'src/core/monitoring/detectors', 'bench/drift'],
    readDriftPeers,
  ),
  ofBench(
    'scaling-to-plan',
    ['scaling', '--quick'],
    'scaler, accelerator-seconds to a plan that knows the future',
    '1.15',
    scaling,
    readScaling,
  ),
  ofBench(
    'scaling-speed',
    ['scaling-speed'],
    '1,000,000 simulated requests, 100 replicas',
    '5 s',
    ['src/core/scaling', 'bench/scaling-speed'],
    readScalingSpeed,
  ),
  ofBench(
    'evaluate-speed',
    ['evaluate'],
    '`evaluate` to a minimal server fed by wrk, rows/s',
    '0.7',
    ['src/cli/evaluate', 'src/prove/evaluate', ...modelServer, 'bench/evaluate'],
    readEvaluate,
  ),
  ofCommand('promotion-kills', 'npm run test:faults', 'promotions killed 100 times, SQLite and PostgreSQL', 'all', [
    'src/adapters/sql',
    'src/core/registry',
    'src/core/records',
    'test/faults',
  ]),
  ofCommand(
    'standby-takes-over',
    'npm run test:integration -- two-control-planes',
    'control plane killed, a standby on the same machine',
    null,
    [...controlPlane, ...gateway],
  ),
  ofCommand('replica-kills', faults, 'a replica killed 100 times', null, [
    ...controlPlane,
    ...gateway,
    'src/adapters/processes',
    'test/faults',
  ]),
  ofCommand('supervisor-kills', faults, '`up` killed 100 times', null, [
    'src/bin/supervisor.ts',
    'src/bin/up',
    'src/adapters/processes',
    ...gateway,
    'test/faults',
  ]),
  ofBench(
    'cli-start',
    ['cli'],
    'start of `--help`, of `check`, to `node -e 0`',
    '2.5 and 4',
    [
      'scripts/build.ts',
      'scripts/build',
      'package-lock.json',
      'src/bin',
      'src/cli',
      'src/core',
      'src/schemas',
      'src/adapters/files',
      'src/adapters/system',
      'examples/digits',
      'bench/cli',
    ],
    readCliStart,
  ),
  ofBench(
    'kubernetes-start',
    ['kubernetes'],
    'kubelet: from release to live, with a layer of 1 GB to pull',
    'phases within 5%',
    [...onKubernetes, ...controlPlane],
    readKubernetesStart,
  ),
  ofBench(
    'kubernetes-rollback',
    ['kubernetes'],
    'kubelet: model rolled back under load, to kept pods',
    '1 s, 0 of 5,000 failed',
    [...onKubernetes, ...controlPlane, ...gateway],
    readKubernetesRollback,
  ),
  ofBench(
    'kubernetes-control-plane-kills',
    ['kubernetes'],
    'kubelet: pods of the control plane killed under load',
    '0 failed',
    [...onKubernetes, ...controlPlane, ...gateway],
    readControlPlaneKills,
  ),
  ofBench(
    'kubernetes-gateway-kills',
    ['kubernetes'],
    'kubelet: pods of gateways killed under load',
    'those in flight',
    [...onKubernetes, ...gateway],
    readGatewayKills,
  ),
  ofBench(
    'kubernetes-gateway',
    ['kubernetes'],
    'kubelet: gateway in a pod to the same outside, requests/s and processor time',
    '0.9',
    [...onKubernetes, ...gateway],
    readGatewayInPod,
  ),
  ofBench(
    'kubernetes-fleet',
    ['kubernetes'],
    'kwok: 200 services of 10 replicas on 500 nodes',
    '2 s, 20/s, 400 MB',
    [...onKubernetes, ...controlPlane],
    readKubernetesFleet,
  ),
  ofBench('gateway-speed', ['gateway'], 'gateway to a 20-line proxy, requests/s', '0.9', gateway, readGatewaySpeed),
  ofBench(
    'gateway-latency',
    ['gateway'],
    'p99 that the gateway adds at 1,000 requests/s',
    '2 ms',
    gateway,
    readGatewayLatency,
  ),
  ofBench(
    'memory',
    ['memory'],
    'gateway and control plane, as published, under 1,000,000 requests',
    '160 MB, flat',
    [...gateway, ...controlPlane, 'package-lock.json', 'bench/memory'],
    readMemory,
  ),
  ofBench(
    'model-server-to-minimal',
    ['model-server'],
    'model server to a minimal one, 1 and 64 rows',
    '0.7',
    modelServer,
    readToMinimal,
  ),
  ofBench(
    'model-server-to-loop',
    ['model-server'],
    'model server to ONNX Runtime in a loop, 5 ms a batch',
    '0.9',
    modelServer,
    readToLoop,
  ),
  ofBench(
    'model-server-to-mlserver',
    ['model-server'],
    'model server to MLServer, 1 and 64 rows',
    '5',
    modelServer,
    readToMlServer,
  ),
  ofBench(
    'verify-fleet',
    ['verify'],
    '100 services on 10,000 nodes of 8 devices',
    '2 s, 1 GB',
    ['src/core/hardware', 'src/core/image', 'src/core/pool', 'src/prove/verify', 'bench/verify'],
    readVerify,
  ),
  ofBench(
    'inspect-image',
    ['inspect'],
    'a 10 GB image to `gzip -dc` and `tar t` over its layers',
    '1, 300 MB',
    ['src/adapters/oci', 'src/formats', 'src/cli/inspect', 'src/core/image', 'bench/inspect'],
    readInspect,
  ),
  ofBench(
    'pack-online',
    ['pack', '--seeds', '3'],
    'devices held at loads 1.0 and 1.3 of the openb trace, less those of FGD',
    'above 0',
    packing,
    readPackOnline,
  ),
  ofBench(
    'pack-plan',
    ['pack', '--seeds', '3'],
    'plan of that trace to its proven bound, and with MIG and limits on a node',
    '1%, 3%',
    packing,
    readPackPlan,
  ),
  ofBench(
    'pack-fleet',
    ['pack', '--seeds', '3'],
    'plan of 10,000 replicas on 2,000 devices',
    '30 s',
    packing,
    readPackFleet,
  ),
  ofCommand(
    'kernel-lists',
    'npm run test:integration -- kernel-lists',
    'kernel lists of CUDA libraries to `cuobjdump`',
    'all',
    ['src/formats'],
  ),
  ofCommand(
    'hardware-mutants',
    'node scripts/bootstrap.mjs scripts/mutate-rules.ts',
    'rules of hardware, mutated',
    'all',
    ['src/core/hardware', 'src/testing/hardware-cases', 'scripts/mutate-rules.ts', 'scripts/mutants'],
  ),
];
