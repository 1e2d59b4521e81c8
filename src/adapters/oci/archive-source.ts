import { constants } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import * as z from 'zod';
import { imagePath, joined, folderOf } from '../../core/image/image-path.ts';
import { digestOfBytes, isDigest, type Digest } from '../../core/units/digest.ts';
import { notRegular } from '../../core/units/not-regular.ts';
import type { ByteSource } from '../../formats/byte-source.ts';
import { tarMembers, type TarMember } from '../../formats/tar/tar-members.ts';
import { gather, verifyBytes } from './bounded-bytes.ts';
import { damaged, imageError } from './image-errors.ts';
import type { ImageSource } from './image-source.ts';
import { makeLayoutSource } from './layout-source.ts';
import { checked, configBytesAtMost, jsonOf, manifestBytesAtMost, readConfig, type Descriptor } from './manifest.ts';

/** `manifest.json` of `docker save`: https://github.com/moby/docker-image-spec/blob/main/v1.2.md */
const savedForm = z.array(
  z.object({ Config: z.string(), RepoTags: z.array(z.string()).nullish(), Layers: z.array(z.string()).max(10_000) }),
);
type Saved = z.infer<typeof savedForm>[number];

const readBytes = 256 * 1024;
/** Image archives have a few files for each layer. */
const membersAtMost = 100_000;

/** Opens what `docker save` wrote: of Docker 25 and newer a layout, of older ones a form of its own. */
export async function openArchive(file: string, tag: string | null): Promise<ImageSource> {
  // A pipe that nobody writes to holds the open itself, in a thread that no signal ends.
  const found = await stat(file);
  if (!found.isFile()) throw notRegular(file, found.isDirectory());
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const members = await listMembers(handle, file);
    const archive = new ArchiveFiles(handle, members, `docker-archive:${file}`);
    const source =
      archive.has('oci-layout') && archive.has('index.json')
        ? makeLayoutSource(archive, tag)
        : savedSource(archive, tag);
    return { ...source, close: () => handle.close() };
  } catch (thrown) {
    await handle.close();
    throw thrown;
  }
}

async function listMembers(handle: FileHandle, file: string): Promise<ReadonlyMap<string, TarMember>> {
  const { size } = await handle.stat();
  const source = bufferedHeaders(handle, size);
  const [first, second] = await source.read(0, 2);
  if ((first === 0x1f && second === 0x8b) || (first === 0x28 && second === 0xb5)) {
    throw imageError(
      'image-reference-invalid',
      `${file} is compressed as a whole, so that nothing in it can be found without reading all of it`,
      first === 0x1f ? `gunzip --keep ${file}` : `zstd --decompress --keep ${file}`,
    );
  }
  const members = new Map<string, TarMember>();
  try {
    for await (const member of tarMembers(source, { entries: membersAtMost, metaBytes: 1024 * 1024 })) {
      members.set(imagePath(member.path), member);
    }
  } catch (cause) {
    throw damaged(`${file}: ${(cause as Error).message}`, cause);
  }
  return members;
}

/** Headers lie beside each other only where files are small: a small window is enough. */
function bufferedHeaders(handle: FileHandle, bytes: number): ByteSource {
  return {
    bytes,
    read: async (offset, length) => {
      const buffer = Buffer.alloc(Math.min(length, Math.max(0, bytes - offset)));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    },
  };
}

class ArchiveFiles {
  readonly name: string;
  readonly #handle: FileHandle;
  readonly #members: ReadonlyMap<string, TarMember>;

  constructor(handle: FileHandle, members: ReadonlyMap<string, TarMember>, name: string) {
    this.#handle = handle;
    this.#members = members;
    this.name = name;
  }

  has(file: string): boolean {
    return this.#find(file) !== null;
  }

  open(file: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array> | null> {
    const member = this.#find(file);
    return Promise.resolve(member === null ? null : this.#content(member, signal));
  }

  /** A layer that several images share is written once, and linked to from the others. */
  #find(file: string): TarMember | null {
    let path = imagePath(file);
    for (let followed = 0; followed < 8; followed += 1) {
      const member = this.#members.get(path);
      if (member === undefined) return null;
      if (member.kind === 'file' && !member.sparse) return member;
      if (member.kind === 'hard-link') path = imagePath(member.linkTarget);
      else if (member.kind === 'symlink') path = imagePath(joined(folderOf(path), member.linkTarget));
      else return null;
    }
    return null;
  }

  async *#content({ offset, bytes }: TarMember, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (let done = 0; done < bytes;) {
      signal.throwIfAborted();
      const buffer = Buffer.allocUnsafe(Math.min(readBytes, bytes - done));
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, offset + done);
      if (bytesRead === 0) throw damaged(`${this.name} got shorter while it was read`);
      done += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  sizeOf(file: string): number {
    return this.#find(file)?.bytes ?? 0;
  }
}

/**
 * The form before Docker 25 has no manifest, so that the image goes by the digest of its configuration (the image ID), and
 * its layers, which are not compressed, by their diff_ids.
 */
function savedSource(archive: ArchiveFiles, tag: string | null): ImageSource {
  const paths = new Map<Digest, string>();
  const read = async (file: string, bytesAtMost: number, signal: AbortSignal): Promise<Uint8Array> => {
    const pieces = await archive.open(file, signal);
    if (pieces === null) throw damaged(`${archive.name} has no ${file}`);
    return gather(pieces, bytesAtMost, file);
  };
  return {
    choose: async (_platform, signal) => {
      const manifest = jsonOf(await read('manifest.json', manifestBytesAtMost, signal), 'manifest.json');
      const saved = pickSaved(checked(savedForm, manifest, 'manifest.json'), tag, archive.name);
      const bytes = await read(saved.Config, configBytesAtMost, signal);
      const digest = digestOfBytes(bytes);
      const stated = `sha256:${/([0-9a-f]{64})(?:\.json)?$/.exec(saved.Config)?.[1] ?? ''}`;
      if (isDigest(stated)) verifyBytes(bytes, stated, `the configuration ${saved.Config}`);
      paths.set(digest, saved.Config);
      const diffIds = readConfig(bytes, saved.Config).rootfs.diff_ids ?? [];
      if (diffIds.length !== saved.Layers.length) {
        throw damaged(`${archive.name} has ${saved.Layers.length} layers, and its configuration ${diffIds.length}`);
      }
      const layers = saved.Layers.map((file, index): Descriptor => {
        const diffId = diffIds[index] ?? digest;
        paths.set(diffId, file);
        return { mediaType: '', digest: diffId, size: archive.sizeOf(file), annotations: null };
      });
      const config = { mediaType: '', digest, size: bytes.length, annotations: null };
      return { digest, reference: `${archive.name}@${digest}`, config, layers };
    },
    blob: async function* ({ digest }, signal) {
      const file = paths.get(digest) ?? '';
      const pieces = await archive.open(file, signal);
      if (pieces === null) throw damaged(`${archive.name} has no ${file}`);
      yield* pieces;
    },
    close: () => Promise.resolve(),
  };
}

function pickSaved(images: readonly Saved[], tag: string | null, name: string): Saved {
  const tags = images.flatMap(({ RepoTags }) => RepoTags ?? []);
  const fitting =
    tag === null
      ? images
      : images.filter(
          ({ RepoTags, Config }) =>
            RepoTags?.some((each) => each === tag || each.endsWith(`:${tag}`)) === true ||
            (isDigest(tag) && Config.includes(tag.slice('sha256:'.length))),
        );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  const next = tags[0] === undefined ? 'docker save IMAGE --output FILE' : `plimsoll inspect ${name}:${tags[0]}`;
  if (only === undefined) {
    throw imageError(
      'image-not-found',
      `${name} has ${tag === null ? 'no image' : `no ${tag}`}: it has ${tags.join(', ') || 'no tags'}`,
      next,
    );
  }
  throw imageError('image-reference-invalid', `${name} has several images: ${tags.join(', ')}`, next);
}
