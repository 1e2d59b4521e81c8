import type { NodeEvent } from './observations.ts';

type Found = Pick<NodeEvent, 'kind' | 'code'>;

/**
 * | a line of the kernel's log has | event |
 * |---|---|
 * | `NVRM: Xid (PCI:...): 79,` | that XID |
 * | `mce:` or `[Hardware Error]` with `Uncorrected` or `Machine Check Exception`; `EDAC ... UE` | ecc-uncorrected |
 * | `[Hardware Error]` with `Corrected`; `EDAC ... CE`; `Machine check events logged` | ecc-corrected |
 * | `AER:` with `Uncorrected`; `NVLink` with `fatal` | link |
 * | `temperature above threshold ... throttled` | throttle |
 *
 * Null for any other line. The kernel's words are those of Linux 6.12 and of NVIDIA's open kernel modules, read 2026-11.
 */
export function readKernelLine(line: string): Found | null {
  const xid = /NVRM: Xid \([^)]*\): (\d{1,5})\b/.exec(line);
  if (xid !== null) return { kind: 'xid', code: Number(xid[1]) };
  const found = rows.find(([pattern]) => pattern.test(line));
  return found === undefined ? null : { kind: found[1], code: null };
}

const rows: readonly (readonly [RegExp, Exclude<NodeEvent['kind'], 'xid'>])[] = [
  [/(?:mce:|\[Hardware Error\]).*(?:\bUncorrected\b|Machine Check Exception)/, 'ecc-uncorrected'],
  [/\bEDAC\b.*\bUE\b/, 'ecc-uncorrected'],
  [/\[Hardware Error\].*\bCorrected\b|Machine check events logged/, 'ecc-corrected'],
  [/\bEDAC\b.*\bCE\b/, 'ecc-corrected'],
  [/\bAER:.*\bUncorrected\b|NVLink.*\bfatal\b/, 'link'],
  [/temperature (?:is )?above threshold.*throttled/i, 'throttle'],
];
