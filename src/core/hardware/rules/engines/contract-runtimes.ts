import type { VersionRange } from '../../../contract/contract.ts';
import { versionMeets } from '../../../units/quantity/quantity-version-range.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import { tensorRtOf } from './engine-rule.ts';
import { contractSource, found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution, type Demands } from '../service-facts.ts';

/** Names under which a runtime is found in an image, beside its own. */
const namesOf: Readonly<Record<string, readonly string[]>> = {
  onnxruntime: ['onnxruntime-gpu', 'onnxruntime'],
  pytorch: ['torch'],
};

function inImage(image: ImageFacts, runtime: string): string | null {
  const names = namesOf[runtime] ?? [runtime];
  const component = image.components[runtime]?.version ?? null;
  return component ?? (runtime === 'tensorrt' ? tensorRtOf(image) : distribution(image, names));
}

/** One finding for each runtime that the contract names: as found in the image, else as the lock pins it. */
export function contractRuntimes({ hardware, image, runtime: pinned }: Demands): readonly Found[] {
  return Object.entries(hardware.runtime).map(([runtime, range]) => {
    const text = (image === null ? null : inImage(image, runtime)) ?? pinned[runtime] ?? null;
    const version = versionOf(text);
    if (text === null || version === null) {
      return notKnown('contract-runtime', 'runtime', `${runtime} was not found in the image, and the lock pins none`);
    }
    return judged(runtime, text, version, range);
  });
}

function judged(runtime: string, text: string, version: readonly number[], range: VersionRange): Found {
  const holds = versionMeets(version, range.comparisons);
  return found({
    rule: 'contract-runtime',
    compatibility: holds ? 'native' : 'incompatible',
    message: `${runtime} ${text} is ${holds ? 'inside' : 'outside'} ${range.text}`,
    facts: { [runtime]: text, asked: range.text },
    source: contractSource,
    fix: holds ? undefined : `${runtime} ${range.text}`,
  });
}
