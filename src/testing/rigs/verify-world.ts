import type { PoolSnapshot } from '../../core/pool/snapshot/pool-snapshot.ts';
import { classesOf } from '../../core/pool/snapshot/pool-snapshot.ts';
import type { ImageFacts } from '../../core/evidence/lock/image-facts.ts';
import type { Lock } from '../../core/evidence/lock/lock.ts';
import { codeDigest } from '../../core/contract/code-digest.ts';
import type { DeviceFacts, NodeFacts } from '../../core/pool/node-facts.ts';
import { digestOf } from '../../core/units/digest.ts';
import type { Pools } from '../../ports/project/pools.ts';
import { loadContract } from '../builders/contract-texts.ts';
import {
  boards,
  buildDevice,
  buildImageFacts,
  buildModelFacts,
  buildNode,
  buildPool,
  GiB,
} from '../builders/pools/hardware-builders.ts';
import { makeMemoryProject, type MemoryProject } from '../fakes/memory/memory-project.ts';
import { gfdLabels } from '../builders/pools/verified-pools.ts';

/** A service with an image of CUDA 12.4 and kernels for 8.0 and 9.0, and the pool that it lands on. */
export const chatContract = `apiVersion: plimsoll.dev/v1
service: chat
code: { image: registry.example/chat:1.4.0, protocol: openai }
model: { name: chat-8b, version: "1" }
hardware: { accelerator: nvidia, memory: 20GiB, allow: [native, minor-version] }
environments:
  prod: { pool: gpu-eu, platform: kubernetes, selector: { pool: gpu } }
`;

const spoken = { new: { driver: '570.148.08', driverCuda: '12.8' }, old: { driver: '550.54.15', driverCuda: '12.4' } };
export const h100 = buildDevice({ ...boards.h100, ...spoken.new });
export const a100 = buildDevice(spoken.old);
export const t4 = buildDevice({ ...boards.t4, ...spoken.old });

/** As Kubernetes shows a node: labelled by its first device, with its devices as one countable resource. */
export function clusterNode(name: string, devices: readonly DeviceFacts[], labels: object = {}): NodeFacts {
  return buildNode(name, devices, {
    source: 'node-labels',
    labels: { ...gfdLabels(devices), pool: 'gpu', ...labels },
    allocatable: { 'nvidia.com/gpu': devices.length },
  });
}

export const goodNodes: readonly NodeFacts[] = [
  clusterNode('gpu-a1', [h100, h100]),
  clusterNode('gpu-b1', [a100, a100]),
];
export const badNode = clusterNode('gpu-c1', [t4, t4]);

export function gpuPool(nodes: readonly NodeFacts[], changes: Partial<PoolSnapshot> = {}): PoolSnapshot {
  return buildPool(nodes, { pool: 'gpu-eu', takenAtMs: 1_000_000, sources: ['nodes.json'], ...changes });
}

export function chatLock(contractText: string, pool: PoolSnapshot | null, facts: ImageFacts | null = chatImage): Lock {
  const { contract } = loadContract(contractText);
  const { image } = contract.code;
  const pinned = image === undefined ? {} : { image, ...(facts === null ? {} : { facts }) };
  const environment = {
    code: { digest: codeDigest(contract.code, {}, facts?.digest), files: {}, ...pinned },
    model: {
      name: contract.model.name,
      version: 1,
      digest: digestOf('chat model'),
      format: 'safetensors',
      signature: { inputs: [], outputs: [] },
      facts: buildModelFacts({ format: 'safetensors', weightsBytes: 16 * GiB }),
    },
    data: {},
    deviceClasses: pool === null ? [] : [...classesOf(pool, contract.hardware?.accelerator ?? 'cpu').keys()].sort(),
    runtime: {},
    evidence: {},
  };
  const names = Object.keys(contract.environments);
  return {
    lockVersion: 1,
    service: contract.service,
    environments: Object.fromEntries(names.map((name) => [name, environment])),
  };
}

export const chatImage = buildImageFacts({ digest: digestOf('chat image') });

export interface VerifyWorld {
  readonly project: MemoryProject;
  readonly pools: Pools;
  readonly cwd: string;
  readonly nowMs: number;
}

/** The service with what is pinned of it, and its pool; null for a pool of which nothing is known. */
export function verifyWorld(pool: PoolSnapshot | null, contract = chatContract, lock?: Lock | null): VerifyWorld {
  const known = pool === null ? {} : { [pool.pool]: pool };
  const pinned = lock === undefined ? chatLock(contract, pool) : lock;
  const project = makeMemoryProject({ contract, pools: known, lock: pinned });
  const pools: Pools = {
    read: async (name) => known[name] ?? null,
    write: () => Promise.reject(new Error('verify writes no pool')),
    names: async () => Object.keys(known),
  };
  return { project, pools, cwd: '/memory', nowMs: 91_000_000 };
}
