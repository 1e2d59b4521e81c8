import type { ImageFacts } from '../../../image/image-facts.ts';
import { libraryCeilings, type LibraryCeiling } from '../../tables/engines/library-ceilings.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, fromLabelsOnly, notKnown } from '../finding.ts';
import { capabilityNumber, capabilityText, cudaNumber } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution, toolkitOf, type Toolkit } from '../service-facts.ts';

interface Ceiling {
  readonly row: LibraryCeiling;
  readonly toolkit: Toolkit;
  readonly program: string;
  readonly capability: number;
}

/** The row of the toolkit of the image, where a program of it is there. The newest toolkit of the image counts. */
function ceilingOf(image: ImageFacts): Ceiling | null {
  const toolkit = toolkitOf(image);
  if (toolkit === null) return null;
  for (const row of libraryCeilings) {
    const program = row.programs.find((name) => distribution(image, [name]) !== null);
    if (program === undefined || toolkit.cuda >= (cudaNumber(row.cudaBelow) ?? Infinity)) continue;
    return { row, toolkit, program, capability: capabilityNumber(row.capability) ?? Infinity };
  }
  return null;
}

/**
 * Whether cuBLAS and cuDNN of the toolkit of an image know a device. Null where no row speaks of the image.
 *
 * | capability | answer |
 * |---|---|
 * | below that of the row | native |
 * | that, or a later one | incompatible |
 * | not known | unknown |
 */
export function libraryCeilingRule(image: ImageFacts): DeviceRule | null {
  const ceiling = ceilingOf(image);
  if (ceiling === null) return null;
  const { row, toolkit, program } = ceiling;
  const decide = (capability: number | null): Plain =>
    capability === null ? 'unknown' : capability < ceiling.capability ? 'native' : 'incompatible';
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ capability, fromLabels }, decided) =>
      capability === null
        ? notKnown('library-ceiling', 'computeCapability', fromLabels ? fromLabelsOnly : undefined)
        : found({
            rule: 'library-ceiling',
            compatibility: decided,
            message: `${program} calls cuBLAS and cuDNN of CUDA ${toolkit.text}, which have no code from capability ${row.capability} on; the device is ${capabilityText(capability)}`,
            facts: { cuda: toolkit.text, computeCapability: capabilityText(capability) },
            source: row.source,
            fix: decided === 'native' ? undefined : `${program} for CUDA ${row.cudaBelow} or newer`,
          }),
  };
}
