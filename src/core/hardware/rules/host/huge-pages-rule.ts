import { formatBytes } from '../../../units/quantity/quantity-bytes.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import { hugePageVariables } from '../../tables/host-states.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';

/**
 * Whether the node holds huge pages. Null where no variable of the image asks for them.
 *
 * | reserved huge pages | answer |
 * |---|---|
 * | some | native |
 * | none | incompatible |
 * | not read | unknown |
 */
export function hugePagesRule({ env }: ImageFacts): DeviceRule | null {
  const asking = hugePageVariables.find(({ name }) => !['', 'no', undefined].includes(env[name]));
  if (asking === undefined) return null;
  return {
    facet: 'hugePages',
    decide: ({ state: { hugePageBytes } }) =>
      hugePageBytes === undefined ? 'unknown' : hugePageBytes === 0 ? 'incompatible' : 'native',
    explain: ({ state: { hugePageBytes } }, decided) =>
      hugePageBytes === undefined
        ? notKnown('huge-pages', 'hugePageBytes', `${asking.name} makes ${asking.program} take huge pages`)
        : found({
            rule: 'huge-pages',
            compatibility: decided,
            message:
              decided === 'native'
                ? `${formatBytes(hugePageBytes)} of huge pages are reserved for ${asking.program}`
                : `${asking.name} makes ${asking.program} take huge pages, and the node reserves none`,
            facts: { hugePageBytes: String(hugePageBytes) },
            source: asking.source,
            fix:
              decided === 'native'
                ? undefined
                : `sysctl vm.nr_hugepages on the node (and hugepages-2Mi in the pod), or an image without ${asking.name}`,
          }),
  };
}
