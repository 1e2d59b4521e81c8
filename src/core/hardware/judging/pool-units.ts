import type { Digest } from '../../units/digest.ts';
import { acceleratorClassOf, digestOfClass, type AcceleratorClass } from '../../pool/classes/device-class.ts';
import { handedOutBy, type HandedOut } from '../../pool/handed-out.ts';
import type { NodeFacts } from '../../pool/node-facts.ts';
import { labelledArchitecture, labelledOs } from './node-platform.ts';
import type { DeclaredClass } from '../../pool/snapshot/pool-snapshot.ts';
import { architectureOf } from '../rules/cpu-rules.ts';
import { facets, stateKey, type Facet } from '../rules/facets.ts';
import { isNvSwitchProduct } from '../rules/product-traits.ts';
import { unitsOf, type UnitFacts } from '../rules/unit-facts.ts';
import { boardsOfBaseboard } from '../tables/device-states.ts';
import { gpuOf } from '../tables/gpus.ts';

/** One distinct class of a pool, with its units; places in `PoolUnits.units`. */
export interface PoolClass {
  readonly deviceClass: AcceleratorClass;
  readonly firstUnit: number;
  readonly unitCount: number;
}

/** One node of a pool, or the node that a declared class stands for. */
export interface PoolNode {
  readonly name: string;
  readonly facts: NodeFacts | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly declared: boolean;
  /** Place in `PoolUnits.classes` for each device, in the node's order; null where devices are not known. */
  readonly classes: Int32Array | null;
  /** Places in `PoolUnits.units` of everything that can be handed out; null where devices are not known. */
  readonly units: Int32Array | null;
  /** No MIG instance is among the units. */
  readonly boardsOnly: boolean;
  /** As OCI names it (`amd64`); null where nothing tells it. */
  readonly architecture: string | null;
  /** As Kubernetes names it (`linux`); null where nothing tells it. */
  readonly os: string | null;
  /** What a device plugin hands out, whichever is free; null where whoever places a service chooses. */
  readonly handedOut: HandedOut | null;
  /** Why devices may be missing from the list. */
  readonly devicesUnread: string | null;
  /**
   * It holds a whole baseboard behind NVSwitches, so that the fabric is its own to start, and a source that tells the fabric said
   * nothing of it.
   */
  readonly fabricUnread: boolean;
}

/** Devices of equal facets share one number: `ids[unit]` is the place in `representatives`. */
export interface FacetIds {
  readonly ids: Int32Array;
  readonly representatives: readonly UnitFacts[];
}

/**
 * A pool with its devices brought down to distinct classes and units, so that each rule is asked once for each distinct
 * combination of the facts that it uses. Made once for a snapshot, and used for every service.
 */
export class PoolUnits {
  readonly nodes: readonly PoolNode[];
  readonly classes: readonly PoolClass[];
  readonly units: readonly UnitFacts[];
  readonly #facets = new Map<Facet, FacetIds>();
  readonly #digests = new Map<number, Digest>();

  constructor(nodes: readonly NodeFacts[], declared: readonly DeclaredClass[]) {
    const interned = new ClassInterning();
    this.nodes = [
      ...nodes.map((facts) => observedNode(facts, interned)),
      ...declared.flatMap((one) => declaredNode(one, interned)),
    ];
    this.classes = interned.classes;
    this.units = interned.units;
  }

  facet(name: Facet): FacetIds {
    const known = this.#facets.get(name);
    if (known !== undefined) return known;
    const made = facetIds(this.units, facets[name]);
    this.#facets.set(name, made);
    return made;
  }

  /** Worked out when somebody asks: a digest costs more than all rules together. */
  digest(classId: number): Digest {
    const known = this.#digests.get(classId);
    if (known !== undefined) return known;
    const one = this.classes[classId];
    if (one === undefined) throw new RangeError(`there is no class ${classId}`);
    const made = digestOfClass(one.deviceClass);
    this.#digests.set(classId, made);
    return made;
  }
}

function observedNode(facts: NodeFacts, interned: ClassInterning): PoolNode {
  const { name, labels, devices, unknown } = facts;
  const classes =
    devices === null ? null : Int32Array.from(devices, (device) => interned.idOf(acceleratorClassOf(device)));
  return {
    name,
    facts,
    labels,
    declared: false,
    classes,
    ...unitsOfNode(classes, interned),
    architecture: architectureOfNode(facts),
    os: labelledOs(labels),
    handedOut: handedOutBy(facts),
    devicesUnread: unknown['devices'] ?? null,
    fabricUnread: isFabricUnread(facts),
  };
}

/**
 * | devices behind NVSwitches | source | fabric | |
 * |---|---|---|---|
 * | fewer than a baseboard holds: the fabric may be that of a host | any | any | false |
 * | a whole baseboard | labels, ResourceSlices: they never tell it | any | false |
 * | a whole baseboard | the driver | read of each | false |
 * | a whole baseboard | the driver | not read of one | true |
 */
function isFabricUnread({ devices, source }: NodeFacts): boolean {
  if (source !== 'nvml' && source !== 'nvidia-smi') return false;
  const behind = (devices ?? []).filter(({ product }) => isNvSwitchProduct(product));
  return behind.length >= boardsOfBaseboard && behind.some(({ state }) => state?.fabric === undefined);
}

function declaredNode(
  { deviceClass, devicesPerNode, labels }: DeclaredClass,
  interned: ClassInterning,
): readonly PoolNode[] {
  if (deviceClass.accelerator !== 'nvidia') return [];
  const classes = new Int32Array(devicesPerNode).fill(interned.idOf(deviceClass));
  return [
    {
      name: `declared ${deviceClass.product ?? 'class'}`,
      facts: null,
      labels,
      declared: true,
      classes,
      ...unitsOfNode(classes, interned),
      architecture: labelledArchitecture(labels),
      os: labelledOs(labels),
      handedOut: null,
      devicesUnread: null,
      fabricUnread: false,
    },
  ];
}

/** A board that holds no MIG instance has nothing to hand out. */
function unitsOfNode(
  classes: Int32Array | null,
  { classes: all, units }: ClassInterning,
): Pick<PoolNode, 'units' | 'boardsOnly'> {
  if (classes === null) return { units: null, boardsOnly: false };
  const places: number[] = [];
  let boardsOnly = true;
  for (const id of classes) {
    const { firstUnit = 0, unitCount = 0 } = all[id] ?? {};
    for (let unit = firstUnit; unit < firstUnit + unitCount; unit += 1) {
      const kind = units[unit]?.kind;
      if (kind !== 'empty') places.push(unit);
      if (kind === 'instance') boardsOnly = false;
    }
  }
  return { units: Int32Array.from(places), boardsOnly };
}

/**
 * By the facts of the CPU and the label that every kubelet sets, else by a board that is soldered to its CPU. Facts and
 * label that differ tell nothing.
 */
function architectureOfNode({ cpu, labels, devices }: NodeFacts): string | null {
  const label = labelledArchitecture(labels);
  const own = cpu === null ? null : architectureOf(cpu.architecture);
  if (label !== null && own !== null && label !== own) return null;
  if (own !== null || label !== null) return own ?? label;
  return devices?.map(({ product }) => gpuOf(product)?.hostArchitecture ?? null).find((each) => each !== null) ?? null;
}

class ClassInterning {
  readonly classes: PoolClass[] = [];
  readonly units: UnitFacts[] = [];
  readonly #ids = new Map<string, number>();

  idOf(deviceClass: AcceleratorClass): number {
    const key = keyOf(deviceClass);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const units = unitsOf(deviceClass);
    const id = this.classes.length;
    this.classes.push({ deviceClass, firstUnit: this.units.length, unitCount: units.length });
    this.units.push(...units);
    this.#ids.set(key, id);
    return id;
  }
}

/** Every field that makes a class, without the cost of a digest. */
function keyOf(of: AcceleratorClass): string {
  const mig = of.migLayout?.map(({ profile, memoryBytes }) => `${profile}:${memoryBytes}`).join(' ');
  return `${of.product}|${of.pciDeviceId}|${of.brand}|${of.computeCapability}|${of.memoryBytes}|${of.driver}|${of.driverCuda}|${of.eccEnabled}|${of.sharing}|${of.replicas}|${of.certainty}|${mig}|${stateKey(of.state)}`;
}

function facetIds(units: readonly UnitFacts[], key: (unit: UnitFacts) => string | number): FacetIds {
  const places = new Map<string | number, number>();
  const representatives: UnitFacts[] = [];
  const ids = new Int32Array(units.length);
  units.forEach((unit, index) => {
    const own = key(unit);
    let place = places.get(own);
    if (place === undefined) {
      place = representatives.length;
      representatives.push(unit);
      places.set(own, place);
    }
    ids[index] = place;
  });
  return { ids, representatives };
}
