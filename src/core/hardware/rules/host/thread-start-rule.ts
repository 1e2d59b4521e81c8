import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import { containerHostSources, dockerWithClone3, glibcWithClone3 } from '../../tables/host/container-hosts.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';

/**
 * Whether programs of the image can start threads in a container of the node.
 *
 * | `clone3` in containers | glibc of the image | answer |
 * |---|---|---|
 * | allowed, or not read | any | native |
 * | refused | before 2.34 | native: it calls `clone` |
 * | refused | 2.34 or newer | incompatible |
 * | refused | not read | unknown |
 */
export function threadStartRule({ glibc }: ImageFacts): DeviceRule {
  const version = versionOf(glibc);
  const whenRefused: Plain =
    version === null
      ? 'unknown'
      : compareVersions(version, versionOf(glibcWithClone3) ?? []) >= 0
        ? 'incompatible'
        : 'native';
  return {
    facet: 'clone3',
    decide: ({ state: { clone3 } }) => (clone3 === 'refused' ? whenRefused : 'native'),
    explain: ({ state: { clone3 } }, decided) =>
      decided === 'unknown'
        ? notKnown(
            'thread-start',
            'image.glibc',
            `containers may not call clone3, by which glibc ${glibcWithClone3} starts threads`,
          )
        : found({
            rule: 'thread-start',
            compatibility: decided,
            message:
              decided === 'incompatible'
                ? `glibc ${glibc} starts threads by clone3, which containers of the node may not call (Docker before ${dockerWithClone3}): no thread starts`
                : `nothing keeps programs from starting threads (clone3: ${clone3 ?? 'not read'})`,
            facts: { clone3: clone3 ?? null, glibc: glibc ?? null },
            source: containerHostSources.clone3,
            fix:
              decided === 'incompatible'
                ? `Docker ${dockerWithClone3} or newer, or a base image with a glibc before ${glibcWithClone3}`
                : undefined,
          }),
  };
}
