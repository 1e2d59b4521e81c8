import type { Digest } from '../units/digest.ts';
import { acceleratorClassOf, digestOfClass, type AcceleratorClass } from './device-class.ts';
import type { NodeFacts } from './node-facts.ts';
import type { DeclaredClass } from './pool-snapshot.ts';
import { facets, type Facet } from './rules/facets.ts';
import { unitsOf, type UnitFacts } from './rules/unit-facts.ts';

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
  const { name, labels, devices } = facts;
  const classes =
    devices === null ? null : Int32Array.from(devices, (device) => interned.idOf(acceleratorClassOf(device)));
  return { name, facts, labels, declared: false, classes };
}

function declaredNode(
  { deviceClass, devicesPerNode, labels }: DeclaredClass,
  interned: ClassInterning,
): readonly PoolNode[] {
  if (deviceClass.accelerator !== 'nvidia') return [];
  const id = interned.idOf(deviceClass);
  const name = `declared ${deviceClass.product ?? 'class'}`;
  return [{ name, facts: null, labels, declared: true, classes: new Int32Array(devicesPerNode).fill(id) }];
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
  return `${of.product}|${of.pciDeviceId}|${of.brand}|${of.computeCapability}|${of.memoryBytes}|${of.driver}|${of.driverCuda}|${of.eccEnabled}|${of.sharing}|${of.certainty}|${mig}`;
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
