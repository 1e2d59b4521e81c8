import { existsSync } from 'node:fs';
import path from 'node:path';
import type { FuzzTarget } from './target.ts';

const formats = path.join(import.meta.dirname, '../../src/formats');
const blockBytes = 512;

export const tarTarget: FuzzTarget = {
  parser: 'tar',
  bytesAtMost: 32 * 1024,
  dictionary: [
    ...[
      'ustar\0',
      'ustar  \0',
      '00000000000\0',
      '77777777777\0',
      '../',
      '/',
      './',
      '././@LongLink',
      'path=',
      'size=',
      'linkpath=',
    ],
    ...[
      '30 path=a/../../b\n',
      '19 size=99999999999\n',
      'GNU.sparse.major=1\n',
      'GNU.sparse.map=0,1\n',
      'GNU.sparse.realsize=',
    ],
    ...['L', 'K', 'x', 'g', 'S', '0', '1', '2', '5', [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], [0xff, 0xff, 0xff, 0xff]],
  ],
  async seeds() {
    if (!existsSync(path.join(formats, 'tar/tar-reader.ts'))) return [];
    const { makeTar } = await import('../../src/testing/builders/files/tar-archive.ts');
    return [
      Uint8Array.from(
        makeTar([
          { path: 'a/b.txt', content: 'some text' },
          { path: 'lib.so', content: 'x'.repeat(600) },
        ]),
      ),
    ];
  },
  async run(bytes) {
    const { TarReader } = await import('../../src/formats/tar/tar-reader.ts');
    const { tarMembers } = await import('../../src/formats/tar/tar-members.ts');
    const { sourceOf } = await import('../../src/formats/byte-source.ts');
    let seen = 0;
    const reader = new TarReader(() => ({ write: (piece) => void (seen += piece.length), end: () => undefined }));
    const streamed = readIn(reader, bytes).catch((thrown: unknown) => thrown);
    for await (const member of tarMembers(sourceOf(bytes))) seen += member.path.length;
    const outcome: unknown = await streamed;
    if (outcome instanceof Error) throw outcome;
    return seen;
  },
  /** Checksums of the headers: without them every change stops at the first block. */
  repair(bytes) {
    for (let at = 0; at + blockBytes <= bytes.length; at += blockBytes) {
      const block = bytes.subarray(at, at + blockBytes);
      if (!looksLikeHeader(block)) continue;
      block.fill(0x20, 148, 156);
      const sum = block.reduce((total, byte) => total + byte, 0);
      block.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
    }
    return bytes;
  },
};

const looksLikeHeader = (block: Uint8Array): boolean =>
  [0x75, 0x73, 0x74, 0x61, 0x72].every((byte, index) => block[257 + index] === byte);

async function readIn(
  reader: { write(bytes: Uint8Array): Promise<void>; finish(): void },
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += 700) await reader.write(bytes.subarray(at, at + 700));
  reader.finish();
}
