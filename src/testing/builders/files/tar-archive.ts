/** Tar archives for tests, with fields that no tar program would write. */
export interface TarPiece {
  readonly path: string;
  /** `0` file, `1` hard link, `2` symlink, `5` folder, `x` PAX records, ... */
  readonly type?: string;
  readonly content?: string | Uint8Array;
  readonly linkTarget?: string;
  /** In place of the size of the content: 12 bytes. */
  readonly sizeField?: Uint8Array;
}

export function makeTar(pieces: readonly TarPiece[]): Buffer {
  return Buffer.concat([...pieces.map(tarBlocks), Buffer.alloc(1024)]);
}

/** Header and padded content of one piece; a path above 100 bytes gets a GNU long name before it. */
export function tarBlocks(piece: TarPiece): Buffer {
  const { path, type = '0', content = '', linkTarget = '', sizeField } = piece;
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(path.slice(0, 100), 0, 'utf8');
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  if (sizeField === undefined) header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  else header.set(sizeField, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write(linkTarget.slice(0, 100), 157);
  header.write('ustar\0', 257);
  header.write('00', 263);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((512 - (bytes.length % 512)) % 512);
  const whole = Buffer.concat([header, bytes, padding]);
  if (Buffer.byteLength(path) <= 100) return whole;
  return Buffer.concat([tarBlocks({ path: '././@LongLink', type: 'L', content: `${path}\0` }), whole]);
}
