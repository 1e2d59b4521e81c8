import { compareVersions } from '../../../units/quantity/quantity-version-range.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import { tritonCompilers, tritonEngines, wheelFloors, type JitCompiler } from '../../tables/engines/wheel-floors.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { programsOf } from '../kernels/library-groups.ts';
import { capabilityNumber, capabilityText, versionOf } from '../numbers.ts';
import type { Plain } from '../outcome.ts';
import { distribution } from '../service-facts.ts';
import { rowOf } from './published-runtimes.ts';

interface VersionNeed {
  readonly version: string;
  readonly of: string;
  readonly source: Found['source'];
  /** See `WheelFloor`. */
  readonly named?: true;
}

/** What libraries of the image are linked to. */
const readNeeds = (image: ImageFacts, library: 'glibc' | 'glibcxx'): readonly VersionNeed[] =>
  image.libraries.flatMap((one) => {
    const version = one[library];
    return version === undefined
      ? []
      : [{ version, of: one.path, source: `links of ${one.path} (ELF, version needs)` }];
  });

/** The glibc that things in the image are linked to, read from the library, else published for its wheel. */
function glibcNeeds(image: ImageFacts): readonly VersionNeed[] {
  const published = wheelFloors.flatMap((floor): readonly VersionNeed[] => {
    const text = distribution(image, [floor.distribution]);
    const version = versionOf(text);
    const row = version === null ? null : rowOf([floor], version);
    const { title, date } = floor.source;
    const library = new RegExp(floor.library);
    const isRead = image.libraries.some(({ path, glibc }) => glibc !== undefined && library.test(`/${path}`));
    return row === null || isRead
      ? []
      : [
          {
            version: floor.glibc,
            of: `${floor.distribution} ${text}`,
            source: `${title} (${date})`,
            ...(floor.named === undefined ? {} : { named: floor.named }),
          },
        ];
  });
  return [...readNeeds(image, 'glibc'), ...published];
}

/** Whether a wheel may not load, because nobody read the glibc of the image. */
export const isWheelFloorOpen = (image: ImageFacts | null): boolean =>
  image !== null && versionOf(image.glibc) === null && glibcNeeds(image).some(({ named }) => named === true);

const newestOf = (needs: readonly VersionNeed[]): VersionNeed | null =>
  needs.reduce<VersionNeed | null>(
    (newest, one) =>
      newest === null || compareVersions(versionOf(one.version) ?? [], versionOf(newest.version) ?? []) > 0
        ? one
        : newest,
    null,
  );

/**
 * | glibc of the image | the newest that a library needs | answer |
 * |---|---|---|
 * | read | not newer | native |
 * | read | newer | incompatible: the library does not load |
 * | not read | known | unknown |
 * | not read | known of wheels alone whose images bring a newer one as a rule | null; a pass names the glibc |
 * | any | none is known | null |
 */
export function glibcFinding(image: ImageFacts): Found | null {
  const own = versionOf(image.glibc);
  const need = newestOf(glibcNeeds(image).filter(({ named }) => own !== null || named !== true));
  if (need === null) return null;
  if (own === null) return notKnown('glibc', 'image.glibc', `${need.of} needs GLIBC_${need.version}`);
  const holds = compareVersions(own, versionOf(need.version) ?? []) >= 0;
  return found({
    rule: 'glibc',
    compatibility: holds ? 'native' : 'incompatible',
    message: `${need.of} needs GLIBC_${need.version}; the image brings glibc ${image.glibc}`,
    facts: { glibc: image.glibc ?? null, needed: need.version },
    source: need.source,
    fix: holds ? undefined : `a base image with glibc ${need.version} or newer, or an older version of the library`,
  });
}

/** The same of the C++ library (`GLIBCXX_3.4.30`). */
export function glibcxxFinding(image: ImageFacts): Found | null {
  const need = newestOf(readNeeds(image, 'glibcxx'));
  if (need === null) return null;
  const own = versionOf(image.glibcxx);
  if (own === null) return notKnown('glibcxx', 'image.glibcxx', `${need.of} needs GLIBCXX_${need.version}`);
  const holds = compareVersions(own, versionOf(need.version) ?? []) >= 0;
  return found({
    rule: 'glibcxx',
    compatibility: holds ? 'native' : 'incompatible',
    message: `${need.of} needs GLIBCXX_${need.version}; the libstdc++ of the image has ${image.glibcxx}`,
    facts: { glibcxx: image.glibcxx ?? null, needed: need.version },
    source: need.source,
    fix: holds ? undefined : 'a base image with a newer libstdc++, or an older version of the library',
  });
}

const firstOfTable = 10_000;

const knowsCapability = ({ least, knows }: JitCompiler, capability: number): boolean =>
  capability < firstOfTable
    ? capability >= (capabilityNumber(least) ?? 0)
    : knows.some((text) => capabilityNumber(text) === capability);

/** Whether the image holds an engine that compiles every model by Triton; one whose version is not told counts as the newest. */
function compilesByTriton(image: ImageFacts): boolean {
  const programs = programsOf(image);
  return tritonEngines.some(({ engine, from }) => {
    const version = versionOf(distribution(image, [engine]));
    return programs.has(engine) && (version === null || compareVersions(version, versionOf(from) ?? []) >= 0);
  });
}

/**
 * Whether the compiler inside Triton knows the device; it decides where an engine of the image compiles every model by it,
 * and the image names no other compiler (TRITON_PTXAS_PATH).
 */
export function tritonRule(image: ImageFacts): DeviceRule | null {
  const text = distribution(image, ['triton', 'pytorch-triton']);
  const version = versionOf(text);
  if (version === null || !compilesByTriton(image)) return null;
  if (image.env['TRITON_PTXAS_PATH'] !== undefined) return null;
  const row = rowOf(tritonCompilers, version);
  if (row === null) return null;
  const decide = (capability: number | null): Plain =>
    capability === null ? 'unknown' : knowsCapability(row, capability) ? 'native' : 'incompatible';
  return {
    facet: 'capability',
    decide: ({ capability }) => decide(capability),
    explain: ({ capability }, decided) =>
      capability === null
        ? notKnown('jit-compiler', 'computeCapability')
        : found({
            rule: 'jit-compiler',
            compatibility: decided,
            message: `ptxas inside Triton ${text} ${decided === 'native' ? 'compiles' : 'does not compile'} for capability ${capabilityText(capability)}`,
            facts: { triton: text, computeCapability: capabilityText(capability) },
            source: row.source,
            fix:
              decided === 'native'
                ? undefined
                : 'Triton 3.6 or newer, or TRITON_PTXAS_PATH with the ptxas of a newer CUDA toolkit',
          }),
  };
}
