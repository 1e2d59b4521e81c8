import { compareVersions } from '../../units/quantity/quantity-version-range.ts';
import { readVersion } from '../../units/version.ts';
import type { PoolVerdict } from '../compatibility.ts';
import { acceleratorClassOf } from '../../pool/classes/device-class.ts';
import type { DeviceFacts, NodeFacts } from '../../pool/node-facts.ts';
import type { PoolSnapshot } from '../../pool/snapshot/pool-snapshot.ts';
import { unitsOf, type UnitFacts } from '../rules/unit-facts.ts';
import { singleOut, type Candidate, type Term } from './single-out.ts';

export const draDriver = 'gpu.nvidia.com';

/** Selectors of the CEL kind for one kind of device each, because boards and MIG instances are different device classes. */
export interface DraSelector {
  readonly requests: readonly DraRequest[];
  /** Compatible devices that the selectors leave out, and why. */
  readonly left: readonly { readonly device: string; readonly reason: string }[];
}

export interface DraRequest {
  /** Name of the request: `gpu` or `mig`. */
  readonly name: DraDeviceType;
  /** The DeviceClass that the driver installs for it. */
  readonly deviceClassName: string;
  readonly expression: string;
  readonly devices: number;
}

export type DraDeviceType = 'gpu' | 'mig';

/** Length limit of one CEL expression: https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/resource-claim-v1/ */
export const mostExpressionChars = 10 * 1024;

/** The DeviceClasses that the driver installs. */
export const draClassNames: Readonly<Record<DraDeviceType, string>> = { gpu: 'gpu.nvidia.com', mig: 'mig.nvidia.com' };
const sureKeys = ['type', 'productName', 'profile', 'cudaComputeCapability', 'driverVersion', 'cudaDriverVersion'];

/** What admits exactly the devices of the verdict that pass, each by its own attributes. */
export function makeDraSelector(verdict: PoolVerdict, snapshot: PoolSnapshot): DraSelector {
  const candidates = candidatesOf(verdict, snapshot);
  const known = candidates.filter(({ values }) => values['productName'] !== undefined);
  const first = singleOut(candidates, { keys: sureKeys, missing: 'unknown' });
  // Memory is asked for only where it decides: a driver may count the reserved part in or out.
  const leftNames = new Set(first.left.map(({ name }) => name));
  const again = candidates.filter(({ name, admit }) => !admit || leftNames.has(name));
  const second = singleOut(again, { keys: [...sureKeys, 'memory'], missing: 'unknown' });
  const terms = [...first.terms, ...(first.left.length === 0 ? [] : second.terms)];
  const left = first.left.length === 0 ? [] : second.left;
  const unnamed = new Set(left.map(({ name }) => name));
  const admitted = known.filter(({ name, admit }) => admit && !unnamed.has(name));
  const requests = (['gpu', 'mig'] as const).flatMap((type): readonly DraRequest[] => {
    const own = terms.filter((term) => valuesOf(term, 'type').includes(type));
    if (own.length === 0) return [];
    const devices = admitted.filter(({ values }) => values['type'] === type).length;
    return [{ name: type, deviceClassName: draClassNames[type], expression: expressionOf(own, type), devices }];
  });
  return { requests, left: left.map(({ name, like }) => ({ device: name, reason: leftReason(like) })) };
}

/** Every device that a verdict speaks of, with the attributes that the DRA driver would publish of it. */
function candidatesOf(verdict: PoolVerdict, snapshot: PoolSnapshot): readonly Candidate[] {
  const facts = new Map(snapshot.nodes.map((node) => [node.name, node]));
  return verdict.nodes.flatMap(({ node, devices }) => {
    const units = unitsOfNode(facts.get(node));
    // Facts and verdict of different length speak of different things: then nothing is known of any of these devices.
    const paired = units.length === devices.length;
    return devices.flatMap((device, index): readonly Candidate[] => {
      const found = paired ? units[index] : undefined;
      if (found?.unit.kind === 'empty') return [];
      const values = found === undefined ? {} : draAttributes(found.device, found.unit);
      const name = `${node} ${device.device}`;
      if (device.verdict === 'fail') return [{ name, admit: false, values }];
      // What is not known to be a board or an instance cannot be asked for.
      if (device.verdict === 'pass') return [{ name, admit: true, values: values['type'] === undefined ? {} : values }];
      // If it turned out to be all that a term asks for, it would be of a class that passes: no reason to leave that out.
      return [{ name, admit: false, values: { ...unlike, ...values } }];
    });
  });
}

/** Equals no value that a device has. */
const notKnown = '?';
const unlike: Attributes = Object.fromEntries([...sureKeys, 'memory'].map((key) => [key, notKnown]));

type Attributes = Readonly<Record<string, string>>;

/** In the order of the verdict: by device, then by the layout of its class. */
const unitsOfNode = (
  node: NodeFacts | undefined,
): readonly { readonly device: DeviceFacts; readonly unit: UnitFacts }[] =>
  (node?.devices ?? []).flatMap((device) => unitsOf(acceleratorClassOf(device)).map((unit) => ({ device, unit })));

/**
 * Attributes of https://github.com/kubernetes-sigs/dra-driver-nvidia-gpu as text: versions in the three numbers that
 * `semver()` wants, without leading zeros; memory in bytes. What is not known has no entry; of a device that is not
 * known to be a board or an instance only the driver has.
 */
export function draAttributes(
  device: DeviceFacts,
  { kind, profile, memoryBytes }: Pick<UnitFacts, 'kind' | 'profile' | 'memoryBytes'>,
): Attributes {
  const ofNode = { driverVersion: semver(device.driver), cudaDriverVersion: semver(device.driverCuda) };
  const sure = device.product !== null && (kind === 'board' || kind === 'instance');
  const found: Readonly<Record<string, string | null>> = sure
    ? {
        type: kind === 'board' ? 'gpu' : 'mig',
        productName: device.product,
        profile,
        cudaComputeCapability: semver(device.computeCapability),
        ...ofNode,
        memory: memoryBytes === null ? null : String(memoryBytes),
      }
    : ofNode;
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== null));
}

function semver(version: string | null): string | null {
  const numbers = version === null ? null : readVersion(version);
  if (numbers === null || numbers.length > 3) return null;
  return [0, 1, 2].map((place) => numbers[place] ?? 0).join('.');
}

function leftReason(like: string | null): string {
  return like === null
    ? 'nothing is known of it that a selector could ask for'
    : `it may look like ${like}, which is not compatible`;
}

/**
 * The driver is asked for first and the type next: an attribute that a device of another kind does not have is an error
 * in CEL, and `false && error` is false.
 */
function expressionOf(terms: readonly Term[], type: DraDeviceType): string {
  const alternatives = terms.map((term) => {
    const conditions = Object.entries(term).flatMap(([key]) =>
      key === 'type' ? [] : [condition(key, valuesOf(term, key))],
    );
    return conditions.join(' && ');
  });
  const guard = `device.driver == "${draDriver}" && ${attribute('type')} == "${type}"`;
  const [only, ...others] = alternatives;
  if (only === undefined || alternatives.includes('')) return guard;
  if (others.length === 0) return `${guard} &&\n${only}`;
  return `${guard} && (\n${alternatives.map((one) => `  (${one})`).join(' ||\n')}\n)`;
}

const attribute = (name: string): string => `device.attributes["${draDriver}"].${name}`;

function valuesOf(term: Term, key: string): readonly string[] {
  const asked = term[key];
  return asked !== undefined && 'in' in asked ? asked.in : [];
}

function condition(key: string, values: readonly string[]): string {
  if (key === 'memory') {
    return anyOf(values.map((bytes) => `device.capacity["${draDriver}"].memory.compareTo(quantity("${bytes}")) == 0`));
  }
  if (key.endsWith('Version') || key === 'cudaComputeCapability') {
    const sorted = [...values].sort((a, b) => compareVersions(readVersion(a) ?? [], readVersion(b) ?? []));
    return anyOf(sorted.map((version) => `${attribute(key)}.compareTo(semver("${version}")) == 0`));
  }
  const texts = values.map((text) => JSON.stringify(text));
  return texts.length === 1 ? `${attribute(key)} == ${texts[0] ?? ''}` : `${attribute(key)} in [${texts.join(', ')}]`;
}

const anyOf = (conditions: readonly string[]): string =>
  conditions.length === 1 ? (conditions[0] ?? '') : `(${conditions.join(' || ')})`;
