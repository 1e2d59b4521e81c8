import { digestOfBytes, type Digest } from '../../core/units/digest.ts';
import { imageError, damaged } from './image-errors.ts';
import { readManifest, type Descriptor, type ImageIndex, type ImageManifest, type ImagePlatform } from './manifest.ts';

/** One image of one platform: what is to be read. */
export interface ChosenImage {
  readonly digest: Digest;
  /** Names the same bytes for as long as they are there. */
  readonly reference: string;
  readonly config: Descriptor;
  /** Lowest first. */
  readonly layers: readonly Descriptor[];
}

export interface WantedPlatform extends ImagePlatform {
  /** Asked for, and not only the default: an image of another platform is then an error. */
  readonly explicit: boolean;
}

/** `linux/amd64`, `linux/arm64/v8`. */
export function parsePlatform(text: string | undefined): WantedPlatform {
  const match = /^([a-z0-9]+)\/([a-z0-9_]+)(?:\/([a-z0-9]+))?$/.exec(text ?? 'linux/amd64');
  if (match?.[1] === undefined || match[2] === undefined) {
    throw imageError(
      'image-reference-invalid',
      `\`${text}\` is not a platform: write OS/ARCHITECTURE[/VARIANT]`,
      'plimsoll inspect IMAGE --platform linux/amd64',
    );
  }
  const [, os, architecture, variant] = match;
  return { os, architecture, variant, explicit: text !== undefined };
}

export const platformText = ({ os, architecture, variant }: ImagePlatform): string =>
  [os, architecture, ...(variant === undefined ? [] : [variant])].join('/');

/** Follows indexes (which may hold indexes) down to the manifest of the platform. `fetch` verifies what it brings. */
export async function chooseManifest(
  root: Uint8Array,
  wanted: WantedPlatform,
  name: string,
  fetch: (descriptor: Descriptor) => Promise<Uint8Array>,
): Promise<{ readonly digest: Digest; readonly manifest: ImageManifest }> {
  let bytes = root;
  for (let depth = 0; depth < 4; depth += 1) {
    const parsed = readManifest(bytes, `the manifest of ${name}`);
    if (!('manifests' in parsed)) return { digest: digestOfBytes(bytes), manifest: parsed };
    bytes = await fetch(pickPlatform(parsed, wanted, name));
  }
  throw damaged(`${name} has indexes in indexes in indexes`);
}

type Listed = ImageIndex['manifests'][number];

function pickPlatform(index: ImageIndex, wanted: WantedPlatform, name: string): Listed {
  const images = index.manifests.filter(isImage);
  const fitting = images.filter(({ platform }) => platform !== undefined && fits(platform, wanted));
  // The plain one before one with a variant: `linux/amd64` is not meant to find `linux/amd64/v3`.
  const plain = fitting.find(({ platform }) => platform?.variant === wanted.variant);
  const [only] = images;
  const unlabelled = images.length === 1 && only?.platform === undefined ? only : undefined;
  const found = plain ?? fitting[0] ?? unlabelled;
  if (found !== undefined) return found;
  const there = [
    ...new Set(images.map(({ platform }) => (platform === undefined ? 'unnamed' : platformText(platform)))),
  ];
  throw platformMissing(name, wanted, there);
}

export function platformMissing(name: string, wanted: ImagePlatform, there: readonly string[]): Error {
  return imageError(
    'image-platform-missing',
    `${name} is not there for ${platformText(wanted)}: it has ${there.length === 0 ? 'no image at all' : there.join(', ')}`,
    there[0] === undefined ? 'push the image again' : `plimsoll inspect ${name} --platform ${there[0]}`,
  );
}

/** Lists of parts and signatures are listed beside the images that they are of, and BuildKit's provenance too. */
export function isImage({ annotations, artifactType, platform }: Listed): boolean {
  return (
    artifactType === undefined &&
    annotations?.['vnd.docker.reference.type'] !== 'attestation-manifest' &&
    !(platform?.os === 'unknown' && platform.architecture === 'unknown')
  );
}

/** A variant that is not asked for may be any; `arm64` and `arm64/v8` are the same. */
export function fits(platform: ImagePlatform, wanted: ImagePlatform): boolean {
  if (platform.os !== wanted.os || platform.architecture !== wanted.architecture) return false;
  const implied = wanted.architecture === 'arm64' ? 'v8' : undefined;
  return wanted.variant === undefined || (platform.variant ?? implied) === wanted.variant;
}
