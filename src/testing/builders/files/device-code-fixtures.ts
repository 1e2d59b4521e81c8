import { readFileSync } from 'node:fs';
import path from 'node:path';
import { smOf } from '../../../core/image/kernel-target.ts';
import type { KernelTarget } from '../../../core/image/image-facts.ts';

/** A file of src/formats/fatbin/fixtures, as a copy that may be damaged. */
export const deviceCodeFixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(path.join(import.meta.dirname, '../../../formats/fatbin/fixtures', name)));

/** `sm_80 sm_90a`. */
export const listed = (targets: readonly KernelTarget[]): string => targets.map(smOf).join(' ');
