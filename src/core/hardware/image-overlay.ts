import type { LayerDistribution, LayerLibrary, LayerLink, OverlaidLayer } from './image-layer.ts';
import { ancestorsOf, folderOf, imagePath, joined } from './image-path.ts';

/** What of the layers is still there when all of them lie on top of each other. */
export interface OverlaidFiles {
  readonly libraries: ReadonlyMap<string, LayerLibrary>;
  readonly python: ReadonlyMap<string, LayerDistribution>;
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
 */
export function overlayLayers(layers: readonly OverlaidLayer[]): OverlaidFiles {
  const libraries = new Map<string, LayerLibrary>();
  const python = new Map<string, LayerDistribution>();
  const links = new Map<string, string>();
  for (const layer of layers) {
    const hides = hidingBy(layer, folderLinks(links, [...libraries.keys(), ...python.keys()]));
    for (const map of [libraries, python, links]) {
      for (const path of map.keys()) if (hides(path)) map.delete(path);
    }
    const { facts } = layer;
    for (const { path, target } of facts.symlinks) links.set(path, target);
    for (const each of facts.libraries) libraries.set(landing(each.path, links), each);
    for (const each of facts.python) python.set(landing(each.path, links), each);
    for (const { path, target } of facts.hardLinks) linkHard(path, landing(target, links), libraries, python, links);
  }
  return { libraries, python };
}

function linkHard(
  path: string,
  target: string,
  libraries: Map<string, LayerLibrary>,
  python: Map<string, LayerDistribution>,
  links: ReadonlyMap<string, string>,
): void {
  const [library, distribution] = [libraries.get(target), python.get(target)];
  if (library !== undefined) libraries.set(landing(path, links), library);
  if (distribution !== undefined) python.set(landing(path, links), distribution);
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
