import type { PriceBook } from './price-book.ts';

/** A device class by its digest, with its description: `NVIDIA H100 80GB HBM3, capability 9.0, 80 GiB`. */
export interface NamedClass {
  readonly digest: string;
  readonly text: string;
}

/** Returns the product of a described class, as rows of the ledger name it: what stands before the first comma. */
export const productOf = (text: string): string => text.split(', ')[0] ?? text;

/**
 * Returns a book whose entries name products in the place of digests, as the ledger does. Classes that share a product and a
 * price become one entry; a digest that no class has stays.
 */
export function nameClasses(book: PriceBook, classes: readonly NamedClass[]): PriceBook {
  const names = new Map(classes.map(({ digest, text }) => [digest, productOf(text)]));
  const devices = book.devices.map((price) => ({
    ...price,
    deviceClass: names.get(price.deviceClass) ?? price.deviceClass,
  }));
  return { ...book, devices: [...new Map(devices.map((price) => [JSON.stringify(price), price])).values()] };
}
