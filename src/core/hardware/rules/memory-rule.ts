import { memorySource, type MemoryRange } from '../model/memory-range.ts';
import type { LayerPlacer } from '../tables/engines/layer-placers.ts';
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
 *
 * A program that places layers (Ollama) computes on the CPU what does not fit: the model then refuses no device. It passes from one layer of
 * the least and what the program keeps on, with a warning below `mostBytes`, and below that it is unknown. Where an argument puts a number
 * of layers on the devices, the model is their share of it, and refuses none.
 */
export interface MemoryNeed {
  readonly writtenBytes: number | null;
  /** Null where the weights are not known. */
  readonly range: MemoryRange | null;
  /** Null where no program of the image does that. */
  readonly placer: LayerPlacer | null;
}

/** What every device below it fails by: what is written, and the least of the model where all of it must fit. */
const leastOf = ({ writtenBytes, range, placer }: MemoryNeed): number =>
  Math.max(writtenBytes ?? 0, placer === null ? (range?.leastBytes ?? 0) : 0);

/** What does in any case. */
const enoughOf = ({ leastBytes, mostBytes }: MemoryRange, placer: LayerPlacer | null): number =>
  placer === null ? mostBytes : Math.ceil(leastBytes / placer.leastLayers) + placer.reservedBytes;

function decide(need: MemoryNeed, unit: UnitFacts): Plain {
  const { writtenBytes, range, placer } = need;
  const memoryBytes = memoryOfReplica(unit);
  if (memoryBytes === null) return 'unknown';
  if (memoryBytes < leastOf(need)) return 'incompatible';
  if (writtenBytes !== null) return 'native';
  return range !== null && memoryBytes >= enoughOf(range, placer) ? 'native' : 'unknown';
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
  if (writtenBytes === null && range !== null && need.placer !== null && memoryBytes < range.mostBytes)
    return explainPlacing(range, need.placer, { unit, memoryBytes, decided });
  const leastBytes = leastOf(need);
  const byContract = writtenBytes !== null && writtenBytes >= leastBytes;
  const mostBytes = range?.mostBytes ?? leastBytes;
  const whole = `${handedOut(unit)} has ${gibText(memoryBytes)}`;
  const asks = byContract
    ? `hardware.memory asks for ${gibText(leastBytes)}`
    : range?.share !== undefined
      ? `the layers that an argument puts on it take up to ${gibText(mostBytes)}`
      : range?.onHost === true
        ? `beside what an argument keeps on the host the model takes ${gibText(leastBytes)}, and up to ${gibText(mostBytes)} in all`
        : range?.unstated === null
          ? `weights and cache take ${gibText(leastBytes)}${longestWords(range)}, and up to ${gibText(mostBytes)} with activations and runtime`
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
          : `a device of ${gibText(leastBytes)} or more${byContract ? '' : shorterFix(range, memoryBytes)}`,
  });
}

const longestWords = ({ longest }: MemoryRange): string =>
  longest === undefined
    ? ''
    : ` with one sequence of ${longest.tokens} tokens, which the engine does not start without`;

/** A shorter sequence helps where the weights alone fit. */
const shorterFix = (range: MemoryRange | null, memoryBytes: number): string =>
  range?.longest === undefined || range.longest.weightsBytes > memoryBytes
    ? ''
    : ', or a shorter sequence in code.args (--max-model-len)';

/** A warning where it passes: layers on the CPU take longer. */
function explainPlacing(
  { leastBytes, mostBytes }: MemoryRange,
  { name, source }: LayerPlacer,
  { unit, memoryBytes, decided }: { readonly unit: UnitFacts; readonly memoryBytes: number; readonly decided: Plain },
): Found {
  const open = decided === 'unknown' ? '; whether a layer fits beside its buffers is not known' : '';
  return found({
    rule: 'memory',
    compatibility: decided,
    message: `${handedOut(unit)} has ${gibText(memoryBytes)}, the model takes ${gibText(leastBytes)} to ${gibText(mostBytes)}: ${name} computes on the CPU the layers that do not fit${open}`,
    facts: { memory: gibText(memoryBytes), asked: gibText(leastBytes) },
    source,
    fix: `a device of ${gibText(mostBytes)} or more, or hardware.memory as it was measured`,
    warning: decided === 'native',
  });
}

function handedOut(unit: UnitFacts): string {
  const unitText = unit.kind === 'instance' ? `the instance ${unit.profile ?? ''}`.trim() : 'the device';
  return unit.sharing === 'mps' ? `one of ${unit.replicas} that share ${unitText} by mps` : unitText;
}

const openWords = (range: MemoryRange | null, mostBytes: number): string =>
  range?.share !== undefined
    ? 'whether they fit is not known'
    : range?.unstated === null
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
