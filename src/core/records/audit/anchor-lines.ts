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

/** Stands before an anchor in a log, among lines of other programs. */
const inLog = 'plimsoll-anchor';

/** Facility 13 (log audit), severity 5 (notice): 13 * 8 + 5. Source: RFC 5424, section 6.2.1. */
const priority = 109;

/**
 * An anchor as a message of RFC 5424:
 *
 *     <109>1 2026-11-29T07:00:00.000Z host plimsoll 4711 anchor - plimsoll-anchor 5 sha256:... 2026-11-29T07:00:00.000Z
 */
export function formatLogAnchor(
  anchor: ChainAnchor,
  { host, pid }: { readonly host: string; readonly pid: number },
): string {
  const name = host.replaceAll(/[^\x21-\x7e]/g, '').slice(0, 255) || '-';
  const atText = new Date(anchor.atMs).toISOString();
  return `<${priority}>1 ${atText} ${name} plimsoll ${pid} anchor - ${inLog} ${formatAnchor(anchor)}`;
}

/** Returns the anchors among the lines of a log, in whatever form the log keeps its lines. */
export function findLogAnchors(text: string): readonly ChainAnchor[] {
  return text.split('\n').flatMap((line) => {
    const at = line.indexOf(`${inLog} `);
    if (at < 0) return [];
    const [seq = '', hash = '', time = ''] = line.slice(at + inLog.length + 1).split(/[\s"']/);
    return parseAnchors(`${seq} ${hash} ${time}\n`).anchors;
  });
}
