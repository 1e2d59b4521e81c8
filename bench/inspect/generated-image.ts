import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Contents, type Kind } from './contents.ts';
import { elfFile, elfFileBytes } from './elf-file.ts';
import { QuickGzip } from './quick-gzip.ts';

const fixtures = path.join(import.meta.dirname, '../../src/formats/fatbin/fixtures');
const layerCount = 10;

export interface GeneratedImage {
  readonly folder: string;
  /** Compressed, lowest first. */
  readonly layerFiles: readonly string[];
  readonly plainBytes: number;
  readonly compressedBytes: number;
  readonly librariesWithDeviceCode: number;
}

/** An OCI layout of about `plainBytes` without compression, the same bytes for the same size. */
export async function generateImage(folder: string, plainBytes: number): Promise<GeneratedImage> {
  const blobs = path.join(folder, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  const fatbin = largeFatbin(readFileSync(path.join(fixtures, 'plain.fatbin')), new Contents(1));
  const layers: WrittenLayer[] = [];
  const contents = new Contents(1000);
  for (let index = 0; index < layerCount; index += 1) {
    layers.push(await writeLayer(blobs, index, plainBytes / layerCount, fatbin, contents));
    console.error(`generated ${layers.length} of ${layerCount} layers`);
  }
  const config = writeBlob(blobs, {
    os: 'linux',
    architecture: 'amd64',
    config: { Env: ['CUDA_VERSION=12.4.1'] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  });
  const manifest = writeBlob(blobs, {
    schemaVersion: 2,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: layers.map(({ digest, size }) => ({
      mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
      ...{ digest, size },
    })),
  });
  writeFileSync(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  const listed = { mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest };
  writeFileSync(path.join(folder, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [listed] }));
  return {
    folder,
    layerFiles: layers.map(({ file }) => file),
    plainBytes: layers.reduce((sum, layer) => sum + layer.plainBytes, 0),
    compressedBytes: layers.reduce((sum, { size }) => sum + size, 0),
    librariesWithDeviceCode: layers.reduce((sum, { withDeviceCode }) => sum + withDeviceCode, 0),
  };
}

interface WrittenLayer {
  readonly file: string;
  readonly digest: string;
  readonly diffId: string;
  readonly size: number;
  readonly plainBytes: number;
  readonly withDeviceCode: number;
}

async function writeLayer(
  blobs: string,
  index: number,
  bytes: number,
  fatbin: Buffer,
  contents: Contents,
): Promise<WrittenLayer> {
  const [plain, compressed, gzip] = [createHash('sha256'), createHash('sha256'), new QuickGzip()];
  let plainBytes = 0;
  const files = filesOf(index, bytes, fatbin);
  const archive = function* (): Generator<Buffer> {
    yield gzip.begin();
    for (const piece of tarOf(files, contents)) {
      plain.update(piece);
      plainBytes += piece.length;
      yield gzip.add(piece);
    }
    yield gzip.end();
  };
  const unnamed = path.join(blobs, `layer-${index}`);
  await pipeline(
    Readable.from(archive(), { objectMode: false }),
    async function* (pieces: AsyncIterable<Buffer>) {
      for await (const piece of pieces) {
        compressed.update(piece);
        yield piece;
      }
    },
    createWriteStream(unnamed),
  );
  const hex = compressed.digest('hex');
  const file = path.join(blobs, hex);
  renameSync(unnamed, file);
  return {
    file,
    digest: `sha256:${hex}`,
    diffId: `sha256:${plain.digest('hex')}`,
    size: statSync(file).size,
    plainBytes,
    withDeviceCode: files.filter((each) => each.kind === 'library' && each.fatbinCopies > 0).length,
  };
}

type PlannedFile =
  | { readonly kind: Kind; readonly name: string; readonly bytes: number }
  | {
      readonly kind: 'library';
      readonly name: string;
      readonly textBytes: number;
      readonly fatbin: Buffer | null;
      readonly fatbinCopies: number;
    };

/** By bytes: 15% small texts, 15% small libraries, 20% large ones, 30% with device code, 20% weights. */
function filesOf(layer: number, bytes: number, fatbin: Buffer): readonly PlannedFile[] {
  const texts = Math.max(1, Math.floor((bytes * 0.15) / 24_000));
  const small = Math.max(1, Math.floor((bytes * 0.15) / 300_000));
  const withCode = Math.max(1, Math.round((bytes * 0.3) / 150e6));
  const library = (name: string, textBytes: number, code: Buffer | null, fatbinCopies: number): PlannedFile => ({
    ...{ kind: 'library', name, textBytes: Math.floor(textBytes), fatbin: code, fatbinCopies },
  });
  return [
    ...(layer === 0 ? [library('usr/local/cuda-12.4/lib64/libcudart.so.12.4.127', 700_000, null, 0)] : []),
    ...Array.from({ length: texts }, (_, index): PlannedFile => ({
      kind: 'text',
      name: `usr/share/part-${layer}/${index}.py`,
      bytes: 24_000,
    })),
    ...Array.from({ length: small }, (_, index) =>
      library(`usr/lib/part-${layer}/libsmall${index}.so`, 300_000, null, 0),
    ),
    library(`usr/lib/part-${layer}/liblarge.so`, bytes * 0.2, null, 0),
    ...Array.from({ length: withCode }, (_, index) => {
      const wholeBytes = (bytes * 0.3) / withCode;
      const copies = Math.max(1, Math.floor((wholeBytes * 0.8) / fatbin.length));
      return library(`opt/app-${layer}/libdevice${index}.so`, wholeBytes * 0.2, fatbin, copies);
    }),
    { kind: 'weights', name: `opt/app-${layer}/weights.bin`, bytes: Math.floor(bytes * 0.2) },
  ];
}

const fatbinBytes = 256 * 1024;

/**
 * A fat binary with one kernel of the size that kernels of large libraries have: the first image of a real one, with bytes
 * behind it. Each image has a header (its length at 4, the length of what follows at 8); the file has one of 16 bytes.
 */
function largeFatbin(small: Buffer, contents: Contents): Buffer {
  const image = small.subarray(16);
  const headerBytes = image.readUInt32LE(4);
  const end = headerBytes + Number(image.readBigUInt64LE(8));
  const filler = Buffer.concat([...contents.bytes('weights', fatbinBytes - 16 - end)]);
  const whole = Buffer.concat([small.subarray(0, 16), image.subarray(0, end), filler]);
  whole.writeBigUInt64LE(BigInt(fatbinBytes - 16), 8);
  whole.writeBigUInt64LE(BigInt(fatbinBytes - 16 - headerBytes), 16 + 8);
  return whole;
}

function* tarOf(files: readonly PlannedFile[], contents: Contents): Generator<Buffer> {
  for (const file of files) {
    const bytes = file.kind === 'library' ? elfFileBytes(file.textBytes, file.fatbin, file.fatbinCopies) : file.bytes;
    yield tarHeader(file.name, bytes);
    if (file.kind === 'library') yield* elfFile(contents, file.textBytes, file.fatbin, file.fatbinCopies);
    else yield* contents.bytes(file.kind, file.bytes);
    yield Buffer.alloc((512 - (bytes % 512)) % 512);
  }
  yield Buffer.alloc(1024);
}

function tarHeader(name: string, bytes: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${bytes.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function writeBlob(blobs: string, value: object): { readonly digest: string; readonly size: number } {
  const bytes = Buffer.from(JSON.stringify(value));
  const hex = createHash('sha256').update(bytes).digest('hex');
  writeFileSync(path.join(blobs, hex), bytes);
  return { digest: `sha256:${hex}`, size: bytes.length };
}
