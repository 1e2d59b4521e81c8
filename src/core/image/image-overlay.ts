import { isThere, lostLink, type LaidLayer, type LinkedContent } from './image-hard-links.ts';
import type { LayerDistribution, LayerLibrary, LayerLink, OverlaidLayer } from './image-layer.ts';
import { ancestorsOf, folderOf, imagePath, joined } from './image-path.ts';

/** What of the layers is still there when all of them lie on top of each other. */
export interface OverlaidFiles {
  readonly libraries: ReadonlyMap<string, LayerLibrary>;
  readonly python: ReadonlyMap<string, LayerDistribution>;
  /** Symbolic links as they are written. */
  readonly links: ReadonlyMap<string, string>;
}

/** Linux follows at most 40 links in one path. */
const linksAtMost = 40;

/**
 * Lays the layers on each other, lowest first:
 *
 * | in an upper layer | of the layers below it hides |
 * |---|---|
 * | whiteout of P | P and everything under it |
 * | opaque folder P | everything under P |
 * | file or link at P | P, and everything under it |
 * | folder at P | P where it was a file; what is under it stays |
 *
 * Engines follow links to folders when they unpack (`lib/x` lands in `usr/lib/x` where `lib` points there), and so does this.
 *
 * A hard link is the file that stood at its target when it was made. containerd, Docker and umoci apply the entries of a
 * layer in their order, so that what the same layer deletes or replaces afterwards stays under the name of the link. In the
 * other order they refuse to unpack the layer; here the file counts in both, because a layer hides only what is below it.
 */
export function overlayLayers(layers: readonly OverlaidLayer[]): OverlaidFiles {
  const libraries = new Map<string, LayerLibrary>();
  const python = new Map<string, LayerDistribution>();
  const links = new Map<string, string>();
  const contentAt = (path: string): LinkedContent | undefined => {
    const [library, distribution, symlink] = [libraries.get(path), python.get(path), links.get(path)];
    const isNothing = library === undefined && distribution === undefined && symlink === undefined;
    return isNothing ? undefined : { library, distribution, symlink };
  };
  const laid: LaidLayer[] = [];
  for (const layer of layers) {
    const { facts } = layer;
    const hides = hidingBy(layer, folderLinks(links, [...libraries.keys(), ...python.keys()]));
    const fromBelow = facts.hardLinks.map(({ target }) => {
      const landed = landing(target, links);
      return { content: contentAt(landed), isThere: isThere(landed, laid) || isThere(target, laid) };
    });
    for (const map of [libraries, python, links]) {
      for (const path of map.keys()) if (hides(path)) map.delete(path);
    }
    for (const { path, target } of facts.symlinks) links.set(path, target);
    for (const each of facts.libraries) libraries.set(landing(each.path, links), each);
    for (const each of facts.python) python.set(landing(each.path, links), each);
    for (const [index, { path, target }] of facts.hardLinks.entries()) {
      const below = fromBelow[index];
      const landed = landing(target, links);
      // A target of this layer by the name that it has through a link to its folder.
      const content = (landed === target ? undefined : contentAt(landed)) ?? below?.content ?? contentAt(landed);
      if (content === undefined) {
        const isKnown = below?.isThere === true || layer.holdsFile(landed) || layer.holdsFile(target);
        if (!isKnown) libraries.set(landing(path, links), lostLink(path, target));
        continue;
      }
      const { library, distribution, symlink } = content;
      if (library !== undefined) libraries.set(landing(path, links), library);
      if (distribution !== undefined) python.set(landing(path, links), distribution);
      if (symlink !== undefined) links.set(path, symlink);
    }
    laid.push({ layer, hides });
  }
  return { libraries, python, links };
}

/** Where an entry lands: its folder with all links followed. */
function landing(path: string, links: ReadonlyMap<string, string>): string {
  let landed = path;
  for (let followed = 0; followed < linksAtMost; followed += 1) {
    const link = ancestorsOf(landed)
      .toReversed()
      .find((folder) => links.has(folder));
    if (link === undefined) return landed;
    landed = joined(targetOf(link, links.get(link) ?? ''), landed.slice(link.length + 1));
  }
  return path;
}

function targetOf(link: string, target: string): string {
  return imagePath(target.startsWith('/') ? target : `${folderOf(link)}/${target}`);
}

/** The links that lead to a folder with something in it. */
function folderLinks(links: ReadonlyMap<string, string>, paths: readonly string[]): readonly LayerLink[] {
  const folders = new Set(paths.flatMap(ancestorsOf));
  return [...links].flatMap(([path, written]) => {
    const target = landing(`${targetOf(path, written)}/.`, links).slice(0, -2);
    return folders.has(target) ? [{ path, target }] : [];
  });
}

function hidingBy({ facts, holdsFile, holdsFolder }: OverlaidLayer, links: readonly LayerLink[]) {
  const whiteouts = new Set(facts.whiteouts);
  const opaque = new Set(facts.opaque);
  const hidesAll = (folder: string): boolean => whiteouts.has(folder) || opaque.has(folder) || holdsFile(folder);
  const hidesAsWritten = (path: string, folders: readonly string[]): boolean =>
    whiteouts.has(path) || opaque.has('') || holdsFile(path) || holdsFolder(path) || folders.some(hidesAll);
  return (path: string): boolean =>
    hidesAsWritten(path, ancestorsOf(path)) ||
    // The same file by the name that it has through a link; the link itself is no folder, and hides nothing.
    links.some((link) => {
      if (!path.startsWith(`${link.target}/`)) return false;
      const alias = `${link.path}${path.slice(link.target.length)}`;
      const below = ancestorsOf(alias).filter((folder) => folder.length > link.path.length);
      return hidesAsWritten(alias, below) || opaque.has(link.path);
    });
}
