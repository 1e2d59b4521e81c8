import { memorySource, type MemoryRange } from '../model/memory-range.ts';
import { factCommands } from '../tables/fact-commands.ts';
import type { Source } from '../tables/source.ts';
import type { DeviceRule } from './device-rules.ts';
import { contractSource, found, fromLabelsOnly, notKnown, type Found } from './finding.ts';
import { gibText } from './numbers.ts';
import type { Plain } from './outcome.ts';
import { memoryOfReplica, type UnitFacts } from './unit-facts.ts';

/**
 * What a device must hold.
 *
 * | `hardware.memory` | the model | a device of M bytes |
 * |---|---|---|
 * | written | | holds it where M is at least that, and at least its part of the weights |
 * | not written | known | holds it from `mostBytes` on, does not below `leastBytes`, and may between |
 * | not written | not known | is unknown |
 */
export interface MemoryNeed {
  readonly writtenBytes: number | null;
  /** Null where the weights are not known. */
  readonly range: MemoryRange | null;
}

function decide({ writtenBytes, range }: MemoryNeed, unit: UnitFacts): Plain {
  const memoryBytes = memoryOfReplica(unit);
  if (memoryBytes === null) return 'unknown';
  if (memoryBytes < Math.max(writtenBytes ?? 0, range?.leastBytes ?? 0)) return 'incompatible';
  if (writtenBytes !== null) return 'native';
  return range !== null && memoryBytes >= range.mostBytes ? 'native' : 'unknown';
}

export function memoryRule(need: MemoryNeed): DeviceRule {
  return { facet: 'memory', decide: (unit) => decide(need, unit), explain: (unit) => explain(need, unit) };
}

function explain(need: MemoryNeed, unit: UnitFacts): Found {
  const { writtenBytes, range } = need;
  const memoryBytes = memoryOfReplica(unit);
  if (writtenBytes === null && range === null) {
    const because = 'the contract writes no hardware.memory, and the file tells no weights';
    return { ...notKnown('memory', 'model', because), fix: 'write hardware.memory in the contract' };
  }
  if (memoryBytes === null) {
    if (unit.memoryBytes === null) return notKnown('memory', 'memory', unit.fromLabels ? fromLabelsOnly : undefined);
    const told = notKnown('memory', 'memory', 'it is shared by mps, and nothing tells by how many');
    return { ...told, fix: factCommands.sharing.command };
  }
  const decided = decide(need, unit);
  const leastBytes = Math.max(writtenBytes ?? 0, range?.leastBytes ?? 0);
  const byContract = writtenBytes !== null && writtenBytes >= leastBytes;
  const mostBytes = range?.mostBytes ?? leastBytes;
  const whole = `${handedOut(unit)} has ${gibText(memoryBytes)}`;
  const asks = byContract
    ? `hardware.memory asks for ${gibText(leastBytes)}`
    : range?.unstated === null
      ? `weights and cache take ${gibText(leastBytes)}, and up to ${gibText(mostBytes)} with activations and runtime`
      : `the weights alone take ${gibText(leastBytes)}`;
  return found({
    rule: 'memory',
    compatibility: decided,
    message: `${whole}, ${asks}${decided === 'unknown' ? `: ${openWords(range, mostBytes)}` : ''}`,
    facts: { memory: gibText(memoryBytes), asked: gibText(leastBytes) },
    source: unit.sharing === 'mps' ? mpsMemory : byContract ? contractSource : memorySource,
    fix:
      decided === 'native'
        ? undefined
        : decided === 'unknown'
          ? openFix(range)
          : `a device of ${gibText(leastBytes)} or more`,
  });
}

function handedOut(unit: UnitFacts): string {
  const unitText = unit.kind === 'instance' ? `the instance ${unit.profile ?? ''}`.trim() : 'the device';
  return unit.sharing === 'mps' ? `one of ${unit.replicas} that share ${unitText} by mps` : unitText;
}

const openWords = (range: MemoryRange | null, mostBytes: number): string =>
  range?.unstated === null
    ? 'whether activations and runtime fit beside them is not known'
    : `whether cache, activations and runtime fit beside them is not known below ${gibText(mostBytes)}`;

const openFix = (range: MemoryRange | null): string =>
  range?.unstated === 'load'
    ? 'state model.context and model.concurrency, or hardware.memory as it was measured'
    : 'state hardware.memory as it was measured, or take a device with more memory';

const mpsMemory: Source = {
  title: 'NVIDIA k8s-device-plugin, MPS control daemon: the limit of pinned device memory is memory / replicas',
  url: 'https://github.com/NVIDIA/k8s-device-plugin/blob/main/cmd/mps-control-daemon/mps/daemon.go',
  date: '2024',
};
