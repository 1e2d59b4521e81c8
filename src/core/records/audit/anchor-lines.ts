import { isDigest } from '../../units/digest.ts';
import type { ChainAnchor } from './verify-chain.ts';

/** One line of an anchor file: `SEQ HASH TIME`. */
export function formatAnchor({ seq, hash, atMs }: ChainAnchor): string {
  return `${seq} ${hash} ${new Date(atMs).toISOString()}`;
}

export interface AnchorReading {
  readonly anchors: readonly ChainAnchor[];
  /** Lines that are no anchors, from 1. What a full disk or a crash left of an anchor is none of them. */
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
    if (isCutOff(line)) return;
    if (seq === undefined || !isDigest(hash) || !Number.isFinite(atMs)) wrong.push(index + 1);
    else anchors.push({ seq: Number(seq), hash, atMs });
  });
  return { anchors, wrong };
}

const digestBegin = 'sha256:';
const timeLength = '2026-11-29T12:00:00.000Z'.length;

/** The beginning of an anchor, which stands for nothing: whoever may write here can take whole lines out as well. */
function isCutOff(line: string): boolean {
  const [seq = '', digest = '', time = '', ...more] = line.split(' ');
  if (more.length > 0 || !/^\d{1,15}$/.test(seq)) return false;
  if (!digestBegin.startsWith(digest) && !/^sha256:[0-9a-f]{0,64}$/.test(digest)) return false;
  return time === '' || (isDigest(digest) && time.length < timeLength && /^[\dT:.-]+$/.test(time));
}
