import type { Verdict } from '../../units/verdict.ts';
import type {
  DeviceVerdict,
  Finding,
  NodeDeviceVerdict,
  NodeVerdict,
  PoolVerdict,
  ServiceDemands,
} from '../compatibility.ts';
import { judgeCpuPool } from './judge-cpu-pool.ts';
import { explainClass } from './judge-device.ts';
import {
  askNodes,
  compatibilityAt,
  countNode,
  isIdle,
  isSelected,
  nodeReason,
  unitNames,
  type NodeQuestion,
} from './judge-node.ts';
import { judgeUnits } from './judge-units.ts';
import type { PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';
import { PoolUnits, type PoolNode } from './pool-units.ts';
import { poolVerdict } from './pool-verdict.ts';
import { prepareService } from './prepare-service.ts';

export interface PoolOptions {
  /**
   * `each`: whoever places the service can choose among the devices of a node (DRA, the local platform). `any`: it gets
   * whichever is free (the device plugin), so that every device of a kind must do. By default `any` on nodes with the
   * allocatable resource `nvidia.com/gpu` (be it 0) or `nvidia.com/mig-*` and no ResourceSlice, and `each` elsewhere.
   */
  readonly deviceChoice?: 'each' | 'any';
  /** Architecture to take for nodes whose source does not tell (`nvidia-smi` does not), as somebody states it. */
  readonly architecture?: string;
}

/** One service against one pool: every node that the selector admits, and the findings once for each class. */
export function verifyPool(demands: ServiceDemands, snapshot: PoolSnapshot, options: PoolOptions = {}): PoolVerdict {
  return demands.hardware.accelerator === 'cpu'
    ? judgeCpuPool(demands, snapshot)
    : judgeAcceleratorPool(demands, snapshot, options);
}

function judgeAcceleratorPool(demands: ServiceDemands, snapshot: PoolSnapshot, options: PoolOptions): PoolVerdict {
  const service = prepareService(demands);
  const pool = new PoolUnits(snapshot.nodes, snapshot.declared);
  const question = askNodes(demands, pool, judgeUnits(service, pool), snapshot.takenAtMs, options);
  const admitted = pool.nodes.filter(({ labels }) => isSelected(labels, demands.selector));
  const explained = new Map<number, DeviceVerdict>();
  const explain = (classId: number): DeviceVerdict | null => {
    const known = explained.get(classId);
    const deviceClass = pool.classes[classId]?.deviceClass;
    if (known !== undefined || deviceClass === undefined) return known ?? null;
    const made = explainClass(service, deviceClass);
    explained.set(classId, made);
    return made;
  };
  const nodes = admitted.map((node) => nodeVerdict(question, node, explain));
  return {
    service: demands.service,
    environment: demands.environment,
    pool: snapshot.pool,
    ...poolVerdict(nodes, snapshot, demands),
    restsOnDeclared: admitted.some(({ declared }) => declared),
    nodes,
    nodesLeftOut: pool.nodes.length - admitted.length,
    classes: Object.fromEntries([...explained.values()].map((verdict) => [verdict.deviceClass, verdict])),
  };
}

function nodeVerdict(
  question: NodeQuestion,
  node: PoolNode,
  explain: (classId: number) => DeviceVerdict | null,
): NodeVerdict {
  const { pool, severities, verdicts } = question;
  const count = countNode(question, node);
  const devices: NodeDeviceVerdict[] = [];
  let problem: string | null = null;
  let problemVerdict: Verdict = 'pass';
  node.classes?.forEach((classId, index) => {
    const explained = explain(classId);
    const one = pool.classes[classId];
    if (explained === null || one === undefined) return;
    const units = pool.units.slice(one.firstUnit, one.firstUnit + one.unitCount);
    const deviceIndex = node.facts?.devices?.[index]?.index ?? index;
    unitNames(deviceIndex, units).forEach((device, at) => {
      const unit = one.firstUnit + at;
      const verdict = verdicts[severities[unit] ?? 3] ?? 'unknown';
      devices.push({
        device,
        deviceClass: explained.deviceClass,
        compatibility: compatibilityAt(severities, unit),
        verdict,
      });
      if (problem === null || (verdict === 'fail' && problemVerdict !== 'fail')) {
        problem = verdict === 'pass' ? problem : problemOf(explained);
        problemVerdict = verdict;
      }
    });
  });
  return {
    node: node.name,
    verdict: count.verdict,
    reason: nodeReason(count, node, question, count.verdict === 'pass' ? null : problem),
    ...(isIdle(count) ? { cannotLand: true as const } : {}),
    devices,
  };
}

/** `kernels: no kernel for capability 7.5 in ...`: the finding that decides, in short. */
function problemOf({ description, findings }: DeviceVerdict): string {
  const [first]: readonly Finding[] = findings;
  const product = description.split(',')[0] ?? description;
  return first === undefined ? product : `${product}: ${first.message}`;
}
