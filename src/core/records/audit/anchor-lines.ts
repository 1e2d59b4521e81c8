import { isDigest } from '../../units/digest.ts';
import type { ChainAnchor } from './verify-chain.ts';

/** One line of an anchor file: `SEQ HASH TIME`. */
export function formatAnchor({ seq, hash, atMs }: ChainAnchor): string {
  return `${seq} ${hash} ${new Date(atMs).toISOString()}`;
}

export interface AnchorReading {
  readonly anchors: readonly ChainAnchor[];
  /** Lines that are no anchors, from 1. A last line without an end was cut off while it was written, and is none of them. */
  readonly wrong: readonly number[];
}

const linePattern = /^(\d{1,15}) (sha256:[0-9a-f]{64}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)$/;

/** Parses an anchor file. Blank lines are left out. */
export function parseAnchors(text: string): AnchorReading {
  const lines = text.split('\n');
  // What stands after the last line feed is empty, or was cut off.
  lines.pop();
  const anchors: ChainAnchor[] = [];
  const wrong: number[] = [];
  lines.forEach((line, index) => {
    if (line.trim() === '') return;
    const [, seq, hash = '', time = ''] = linePattern.exec(line) ?? [];
    const atMs = Date.parse(time);
    if (seq === undefined || !isDigest(hash) || !Number.isFinite(atMs)) wrong.push(index + 1);
    else anchors.push({ seq: Number(seq), hash, atMs });
  });
  return { anchors, wrong };
}
