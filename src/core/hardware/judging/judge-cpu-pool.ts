import type { DeviceVerdict, NodeVerdict, PoolVerdict, ServiceDemands } from '../compatibility.ts';
import { cpuClassOf } from '../../pool/classes/device-class.ts';
import { judgeCpu } from './judge-device.ts';
import { isSelected } from './judge-node.ts';
import { nodeObjection } from './node-objection.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import type { DeclaredClass, PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';
import { poolVerdict } from './pool-verdict.ts';
import { severity } from '../rules/outcome.ts';

/** A CPU service against a pool: each node stands for its CPU. */
export function judgeCpuPool(demands: ServiceDemands, snapshot: PoolSnapshot): PoolVerdict {
  const judged = new CpuVerdicts(demands);
  const admitted = snapshot.nodes.filter(({ labels }) => isSelected(labels, demands.selector));
  const cpus = snapshot.declared.filter(({ deviceClass }) => deviceClass.accelerator === 'cpu');
  const declared = cpus.filter(({ labels }) => isSelected(labels, demands.selector));
  const nodes = [
    ...admitted.map((node) => nodeVerdict(node, judged, demands, snapshot.takenAtMs)),
    ...declared.map((one) => declaredVerdict(one, judged)),
  ];
  return {
    service: demands.service,
    environment: demands.environment,
    pool: snapshot.pool,
    ...poolVerdict(nodes, snapshot, demands),
    restsOnDeclared: declared.length > 0,
    nodes,
    nodesLeftOut: snapshot.nodes.length + cpus.length - nodes.length,
    classes: judged.byClass(),
  };
}

/** One judgement for each distinct CPU; features are part of what is distinct, though not of the class. */
export class CpuVerdicts {
  readonly #demands: ServiceDemands;
  readonly #known = new Map<string, DeviceVerdict>();

  constructor(demands: ServiceDemands) {
    this.#demands = demands;
  }

  /** Null where the CPU is not known. */
  of(node: Pick<NodeFacts, 'cpu'>): DeviceVerdict | null {
    const deviceClass = cpuClassOf(node);
    if (deviceClass === null || node.cpu === null) return null;
    const { features } = node.cpu;
    const key = `${deviceClass.arch}|${deviceClass.model}|${features?.join(' ')}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = judgeCpu(this.#demands, deviceClass, { features });
    this.#known.set(key, made);
    return made;
  }

  /** The worst of each class: two machines of one model may differ in features that a hypervisor hides. */
  byClass(): Readonly<Record<string, DeviceVerdict>> {
    const classes: Record<string, DeviceVerdict> = {};
    for (const verdict of this.#known.values()) {
      const present = classes[verdict.deviceClass];
      if (present === undefined || severity[verdict.compatibility] > severity[present.compatibility]) {
        classes[verdict.deviceClass] = verdict;
      }
    }
    return classes;
  }
}

function nodeVerdict(node: NodeFacts, judged: CpuVerdicts, demands: ServiceDemands, takenAtMs: number): NodeVerdict {
  const verdict = judged.of(node);
  const objection = nodeObjection(node, demands, takenAtMs);
  if (objection !== null && verdict?.verdict !== 'fail') {
    const devices = verdict === null ? [] : ofVerdict(node.name, verdict).devices;
    return { node: node.name, ...objection, devices };
  }
  if (verdict === null) {
    const why = node.unknown['cpu'] ?? node.unknown['cpu.model'] ?? 'the source does not tell';
    return { node: node.name, verdict: 'unknown', reason: `its CPU is not known: ${why}`, devices: [] };
  }
  return ofVerdict(node.name, verdict);
}

function declaredVerdict({ deviceClass }: DeclaredClass, judged: CpuVerdicts): NodeVerdict {
  const arch = deviceClass.accelerator === 'cpu' ? deviceClass.arch : '';
  const model = deviceClass.accelerator === 'cpu' ? deviceClass.model : '';
  const verdict = judged.of({ cpu: { architecture: arch, model, cores: null, features: null } });
  const name = `declared ${model}`;
  return verdict === null
    ? { node: name, verdict: 'unknown', reason: 'its CPU is not known', devices: [] }
    : ofVerdict(name, verdict);
}

function ofVerdict(node: string, { verdict, compatibility, deviceClass, findings }: DeviceVerdict): NodeVerdict {
  return {
    node,
    verdict,
    reason: findings[0]?.message ?? 'no rule has an objection',
    devices: [{ device: 'cpu', deviceClass, compatibility, verdict }],
  };
}
