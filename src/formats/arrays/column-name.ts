/** `image` of `some/image.npy`, `train-images` of `train-images-idx3-ubyte.gz`: the column that one array of a file becomes. */
export function columnNameOf(path: string): string {
  const base = path.split('/').at(-1) ?? path;
  return base.replace(/\.gz$/i, '').replace(/([.-]idx\d-ubyte|\.idx|\.npy)$/i, '') || base;
}
