import type { ImageFacts } from '../../../image/image-facts.ts';
import { wheelPath } from '../../tables/loading/loaded-copies.ts';
import { tensorRtRows, tensorRtWheels, tensorRtWheelSource, type TensorRtRow } from '../../tables/engines/tensorrt.ts';
import type { DeviceRule } from '../device-rules.ts';
import { found, notKnown, type Found } from '../finding.ts';
import { capabilityNumber, capabilityText, cudaNameOf, cudaNumber, majorOf, versionOf } from '../numbers.ts';
import { distribution, isCudaOf, toolkitOf, type Toolkit } from '../service-facts.ts';
import { tensorRtOf } from './engine-rule.ts';
import { otherRelease } from './explain-tensorrt.ts';
import { rowOf } from './published-runtimes.ts';

/** The major of CUDA that a Python distribution is built for; null where none says it, several do, or the library is that of the system. */
function wheelMajor(image: ImageFacts): number | null {
  const library = image.components['tensorrt'];
  if (library !== undefined && !new RegExp(wheelPath).test(library.from)) return null;
  const found = tensorRtWheels.filter((wheel) => distribution(image, [wheel.distribution]) !== null);
  const [first] = found;
  return first === undefined || found.length > 1 ? null : first.cudaMajor;
}

/** Whether a release has a build for a toolkit: names of CUDA's libraries hold its major alone from 11 on. */
const hasBuild = ({ cuda }: TensorRtRow, toolkit: Toolkit, image: ImageFacts): boolean =>
  cuda.some(([lowest]) => isCudaOf(cudaNameOf(cudaNumber(lowest) ?? 0), toolkit, image));

/** The wheel of a runtime of CUDA 12 ends in its major; that of 13 does not, and is the newest anyway. */
const bringsRuntime = (image: ImageFacts, major: number): boolean =>
  distribution(image, [`nvidia-cuda-runtime-cu${major}`]) !== null;

/**
 * TensorRT builds for one CUDA do not load beside another.
 *
 * | TensorRT | CUDA of the image | answer |
 * |---|---|---|
 * | of a distribution for one major (`tensorrt-cu12`) | of that major, or it has a wheel of that too | native |
 * | of such a distribution | of another major | incompatible |
 * | any other | one that the release has a build for | native |
 * | any other | another | incompatible |
 */
export function tensorRtFinding(image: ImageFacts): Found | null {
  const rule = 'tensorrt-cuda';
  const text = tensorRtOf(image);
  const version = versionOf(text);
  if (text === null) return null;
  const row = version === null ? null : rowOf(tensorRtRows, version);
  if (row === null) {
    return found({
      rule,
      compatibility: 'unknown',
      message: `no published row says which CUDA TensorRT ${text} was built for`,
      facts: { tensorrt: text },
      source: tensorRtRows[0]?.source ?? '',
      fix: 'a version that the table has, such as TensorRT 10.15',
    });
  }
  const toolkit = toolkitOf(image);
  if (toolkit === null) return notKnown(rule, 'image.cuda', 'TensorRT is in the image');
  const wheel = wheelMajor(image);
  const fits =
    wheel === null ? hasBuild(row, toolkit, image) : majorOf(toolkit.cuda) === wheel || bringsRuntime(image, wheel);
  const published = wheel === null ? publishedFor(row) : `${wheel}.x`;
  return found({
    rule,
    compatibility: fits ? 'native' : 'incompatible',
    message: `TensorRT ${text} is built for CUDA ${published}; the image brings ${toolkit.text}`,
    facts: { tensorrt: text, cuda: toolkit.text },
    source: wheel === null ? row.source : tensorRtWheelSource,
    fix: fits ? undefined : `the build of TensorRT ${text} for CUDA ${majorOf(toolkit.cuda)}, or CUDA ${published}`,
  });
}

const publishedFor = ({ cuda }: TensorRtRow): string =>
  cuda.map(([lowest, highest]) => (lowest === highest ? lowest : `${lowest} to ${highest}`)).join(' and ');

/** Whether the release knows a capability. */
const knows = ({ capability: least, newest }: TensorRtRow, capability: number): boolean =>
  capability >= (capabilityNumber(least) ?? 0) && capability <= (capabilityNumber(newest) ?? Infinity);

/**
 * A release of TensorRT knows the capabilities between two ends: from 10.5 on no Volta, and before 10.8 no Blackwell.
 *
 * | capability | answer |
 * |---|---|
 * | between the ends of the row, both included | native |
 * | outside | incompatible ("Unsupported SM") |
 * | not known | unknown |
 */
export function tensorRtCapability(image: ImageFacts): DeviceRule | null {
  const text = tensorRtOf(image);
  const version = versionOf(text);
  const row = version === null ? null : rowOf(tensorRtRows, version);
  if (row === null) return null;
  const ends = row.newest === undefined ? `${row.capability} and later` : `${row.capability} to ${row.newest}`;
  return {
    facet: 'capability',
    decide: ({ capability }) => (capability === null ? 'unknown' : knows(row, capability) ? 'native' : 'incompatible'),
    explain: ({ capability }, decided) =>
      capability === null
        ? notKnown('tensorrt-capability', 'computeCapability')
        : found({
            rule: 'tensorrt-capability',
            compatibility: decided,
            message: `TensorRT ${text} runs on capability ${ends}; the device is ${capabilityText(capability)}`,
            facts: { tensorrt: text, computeCapability: capabilityText(capability) },
            source: row.source,
            fix:
              decided === 'native'
                ? undefined
                : otherRelease(
                    row,
                    capability,
                    tensorRtRows.filter((one) => knows(one, capability)),
                  ),
          }),
  };
}
