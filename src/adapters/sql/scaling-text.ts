import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { StoredScaling } from '../../ports/records/store.ts';
import { parsed } from './parsed.ts';

/**
 * A record of scaling as its row holds it: `{"deflated":"..."}`, base64 of the deflated JSON (RFC 1951). Two hours of arrivals
 * that a policy remembers are 80 kB of digits, and 37 kB so. It is JSON, so that a version which knows nothing of it reads a
 * record that it cannot use, and goes on.
 */
export function scalingText(record: StoredScaling): string {
  return JSON.stringify({ deflated: deflateRawSync(JSON.stringify(record)).toString('base64') });
}

/** Also of a row that was written plain. @throws SyntaxError, Error of zlib when the row was edited by something else. */
export function scalingOfText(text: string): StoredScaling {
  const row = parsed<StoredScaling>(text);
  const { deflated } = row;
  if (typeof deflated !== 'string') return row;
  const plain = inflateRawSync(Buffer.from(deflated, 'base64'), { maxOutputLength: plainBytesAtMost });
  return parsed<StoredScaling>(plain.toString('utf8'));
}

const plainBytesAtMost = 64 * 1024 * 1024;
