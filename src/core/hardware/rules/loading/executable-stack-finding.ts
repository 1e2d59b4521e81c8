import type { ImageFacts } from '../../../image/image-facts.ts';
import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import {
  containerHostSources,
  execStackTunable,
  execStackWheels,
  glibcWithoutExecStack,
} from '../../tables/host/container-hosts.ts';
import type { Source } from '../../tables/source.ts';
import { rowOf } from '../engines/published-runtimes.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { versionOf } from '../numbers.ts';
import { distribution } from '../service-facts.ts';

interface Asking {
  /** A path, or a wheel with its version. */
  readonly of: string;
  readonly isRead: boolean;
  readonly source: Source;
}

/** A library that asks for an executable stack: as it was read, else by the wheel that it is known of. */
function askingOf(image: ImageFacts): Asking | null {
  const [path] = image.execStack ?? [];
  if (path !== undefined) return { of: path, isRead: true, source: containerHostSources.execStack };
  if (image.execStack !== undefined) return null;
  for (const row of execStackWheels) {
    const text = distribution(image, [row.of]);
    const version = versionOf(text);
    if (version !== null && rowOf([row], version) !== null)
      return { of: `${row.of} ${text}`, isRead: false, source: row.source };
  }
  return null;
}

/** A wheel that may not load, because nobody read the glibc of the image. */
export const isStackOpen = (image: ImageFacts | null): boolean =>
  image !== null && versionOf(image.glibc) === null && askingOf(image)?.isRead === false;

/**
 * Whether the loader opens libraries that ask for an executable stack. Null where none is known to ask.
 *
 * | glibc of the image | answer |
 * |---|---|
 * | before 2.41, or `GLIBC_TUNABLES` allows it | native |
 * | 2.41 or newer | incompatible |
 * | not read, and the library was | unknown |
 * | not read, and only the wheel is known | null; a pass names the glibc |
 */
export function executableStackFinding(image: ImageFacts): Found | null {
  const asking = askingOf(image);
  if (asking === null) return null;
  const allowed = new RegExp(execStackTunable.holds).test(image.env[execStackTunable.name] ?? '');
  const version = versionOf(image.glibc);
  if (version === null && !allowed) {
    return asking.isRead
      ? notKnown('executable-stack', 'image.glibc', `${asking.of} asks for an executable stack`)
      : null;
  }
  const opens = allowed || compareVersions(version ?? [], versionOf(glibcWithoutExecStack) ?? []) < 0;
  return found({
    rule: 'executable-stack',
    compatibility: opens ? 'native' : 'incompatible',
    message: `${asking.of} asks for an executable stack, which glibc ${image.glibc ?? 'of a version that is not known'} ${opens ? 'allows' : 'refuses: the library does not load'}`,
    facts: { glibc: image.glibc ?? null },
    source: asking.source,
    fix: opens
      ? undefined
      : `a newer build of it, a base image with a glibc before ${glibcWithoutExecStack}, or GLIBC_TUNABLES=glibc.rtld.execstack=2`,
  });
}
