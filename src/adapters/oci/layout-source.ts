import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import { gather, verifyBytes } from './bounded-bytes.ts';
import { chooseManifest, isImage, type ChosenImage, type WantedPlatform } from './choose-manifest.ts';
import { damaged, imageError } from './image-errors.ts';
import type { ImageSource } from './image-source.ts';
import { manifestBytesAtMost, readManifest, type Descriptor, type ImageIndex } from './manifest.ts';

/** What an OCI image layout is kept in: a folder, or an archive of such a folder. */
export interface LayoutFiles {
  /** For people, and to name an image in it by digest: `oci:FOLDER`. */
  readonly name: string;
  /** Null when it is not there. */
  open(file: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null>;
}

/** Reads an image layout: https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
export function makeLayoutSource(files: LayoutFiles, tag: string | null): ImageSource {
  const blob = async function* (digest: Digest, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const pieces = await files.open(`blobs/${digest.replace(':', '/')}`, signal);
    if (pieces === null) throw damaged(`${files.name} has no blob ${digest}`);
    yield* pieces;
  };
  const manifest = async ({ digest }: Pick<Descriptor, 'digest'>, signal: AbortSignal): Promise<Uint8Array> => {
    const bytes = await gather(blob(digest, signal), manifestBytesAtMost, `the manifest ${digest}`);
    verifyBytes(bytes, digest, `the manifest of ${files.name}`);
    return bytes;
  };
  return {
    choose: async (platform: WantedPlatform, signal: AbortSignal): Promise<ChosenImage> => {
      const root =
        tag !== null && isDigest(tag)
          ? await manifest({ digest: tag }, signal)
          : await rootOf(narrowByTag(await readIndex(files, signal), tag, files.name), (each) =>
              manifest(each, signal),
            );
      const chosen = await chooseManifest(root, platform, files.name, (descriptor) => manifest(descriptor, signal));
      const { config, layers } = chosen.manifest;
      return { digest: chosen.digest, reference: `${files.name}@${chosen.digest}`, config, layers };
    },
    blob: (descriptor, signal) => blob(descriptor.digest, signal),
    close: () => Promise.resolve(),
  };
}

/** What the tag names; of several without a tag, an index of them. */
async function rootOf(
  listed: ImageIndex['manifests'],
  manifest: (descriptor: Descriptor) => Promise<Uint8Array>,
): Promise<Uint8Array> {
  const [only] = listed;
  if (listed.length === 1 && only !== undefined) return manifest(only);
  return Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: listed }));
}

async function readIndex(files: LayoutFiles, signal: AbortSignal): Promise<ImageIndex> {
  const pieces = await files.open('index.json', signal);
  if (pieces === null) throw damaged(`${files.name} is no image layout: it has no index.json`);
  const index = readManifest(await gather(pieces, manifestBytesAtMost, 'index.json'), `index.json of ${files.name}`);
  if ('manifests' in index) return { ...index, manifests: index.manifests.filter(isImage) };
  throw damaged(`index.json of ${files.name} lists no manifests`);
}

const referenceName = 'org.opencontainers.image.ref.name';
/** What Docker and containerd write beside it: the whole name, where the other has the tag alone. */
const fullName = 'io.containerd.image.name';

function narrowByTag(index: ImageIndex, tag: string | null, name: string): ImageIndex['manifests'] {
  if (tag === null) return severalNames(index.manifests, name);
  const found = index.manifests.filter(({ annotations, digest }) => {
    const names = [annotations?.[referenceName], annotations?.[fullName], digest];
    return names.some((each) => each === tag || each?.endsWith(`:${tag}`) === true);
  });
  if (found.length > 0) return found;
  throw imageError(
    'image-not-found',
    `${name} has no ${tag}: it has ${namesOf(index.manifests)}`,
    nextByName(index.manifests, name),
  );
}

/** Without a tag there may be several platforms of one image, and not several images. */
function severalNames(manifests: ImageIndex['manifests'], name: string): ImageIndex['manifests'] {
  const names = new Set(
    manifests.map(({ annotations }) => annotations?.[fullName] ?? annotations?.[referenceName] ?? ''),
  );
  if (names.size <= 1) return manifests;
  throw imageError(
    'image-reference-invalid',
    `${name} has several images: ${namesOf(manifests)}`,
    nextByName(manifests, name),
  );
}

const tagOf = ({ annotations, digest }: ImageIndex['manifests'][number]): string =>
  annotations?.[referenceName] ?? annotations?.[fullName] ?? digest;
const namesOf = (manifests: ImageIndex['manifests']): string =>
  manifests.length === 0 ? 'nothing' : manifests.slice(0, 10).map(tagOf).join(', ');
const nextByName = (manifests: ImageIndex['manifests'], name: string): string =>
  manifests[0] === undefined ? 'save the image again' : `plimsoll inspect ${name}:${tagOf(manifests[0])}`;

export function folderFiles(folder: string): LayoutFiles {
  return {
    name: `oci:${folder}`,
    open: async (file, signal) => {
      const location = path.join(folder, file);
      const found = await stat(location).catch(() => null);
      return found?.isFile() === true ? createReadStream(location, { signal, highWaterMark: 256 * 1024 }) : null;
    },
  };
}
