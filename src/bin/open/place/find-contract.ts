import { existsSync } from 'node:fs';
import path from 'node:path';

/** The nearest plimsoll.yaml at or above a folder; null when there is none up to the root. */
export function nearestContract(folder: string): string | null {
  for (let here = path.resolve(folder); ; here = path.dirname(here)) {
    const candidate = path.join(here, 'plimsoll.yaml');
    if (existsSync(candidate)) return candidate;
    if (path.dirname(here) === here) return null;
  }
}
