import type { ReadValue } from './told-value.ts';
import type { XmlElement } from './xml-tree.ts';

/** Elements at a path such as `pci/pci_gpu_link_info`, below `element`. */
function elementsAt(element: XmlElement, path: string): readonly XmlElement[] {
  return path
    .split('/')
    .reduce<readonly XmlElement[]>(
      (found, name) => found.flatMap(({ children }) => children.filter((child) => child.name === name)),
      [element],
    );
}

/** The element at a path; null when it is not there, or there more than once and so not certain which is meant. */
export function elementAt(element: XmlElement, path: string): XmlElement | null {
  const found = elementsAt(element, path);
  return found.length === 1 ? (found[0] ?? null) : null;
}

/**
 * Reads facts from one element, and keeps under `unknown` why each that is null could not be read: by the name of the
 * element, so that a driver which renames one is seen at once.
 */
export class ElementFacts {
  readonly unknown: Record<string, string> = {};
  readonly #element: XmlElement;

  constructor(element: XmlElement) {
    this.#element = element;
  }

  /** The first of `paths` that tells the value: drivers have renamed elements, and some write both names. */
  read<T>(field: string, paths: readonly string[], readValue: ReadValue<T>): T | null {
    const reasons: string[] = [];
    for (const path of paths) {
      const [element, another] = elementsAt(this.#element, path);
      if (element === undefined) continue;
      if (another !== undefined) {
        reasons.push(`${path} stands there more than once`);
        continue;
      }
      const value = readValue(element.text);
      if (value !== null) return value;
      reasons.push(`${path} reads ${JSON.stringify(element.text.slice(0, 80))}`);
    }
    this.unknown[field] = reasons.length === 0 ? `there is no element ${paths.join(' or ')}` : reasons.join('; ');
    return null;
  }
}
