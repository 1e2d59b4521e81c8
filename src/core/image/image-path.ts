/**
 * A path as a container engine unpacks it: relative to the root of the image, which `..` cannot leave. Empty for the root.
 */
export function imagePath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const joined = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`);

/** `a/b`, `a` for `a/b/c`: nearest first. */
export function ancestorsOf(path: string): readonly string[] {
  const found: string[] = [];
  for (let folder = folderOf(path); folder !== ''; folder = folderOf(folder)) found.push(folder);
  return found;
}

export type LayerMark =
  | { readonly kind: 'whiteout'; readonly path: string }
  | { readonly kind: 'opaque'; readonly path: string }
  /** Of the storage driver of old: means nothing. */
  | { readonly kind: 'ignored' };

const whiteoutPrefix = '.wh.';

/**
 * What the name of an entry says of the layers below; null for an entry that is itself. The rules are those of the OCI image
 * specification, "Representing Changes": https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
export function layerMark(path: string): LayerMark | null {
  const name = nameOf(path);
  if (!name.startsWith(whiteoutPrefix)) return null;
  const folder = folderOf(path);
  if (name === '.wh..wh..opq') return { kind: 'opaque', path: folder };
  const hidden = name.slice(whiteoutPrefix.length);
  if (hidden.startsWith(whiteoutPrefix) || hidden === '' || hidden === '.' || hidden === '..')
    return { kind: 'ignored' };
  return { kind: 'whiteout', path: joined(folder, hidden) };
}
