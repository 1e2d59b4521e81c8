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
 *
 * The kernel also writes the names that programs give themselves, of 15 characters at most: `mce:Uncorrected[4711]: segfault`.
 * So a line counts by its beginning, which no such name has, and one that begins with a name and a process counts never.
 */
export function readKernelLine(line: string): Found | null {
  if (ofProgram.test(line)) return null;
  const xid = /^NVRM: Xid \((?:PCI:)?[\da-f]{4,8}:[\da-f]{2}:[\da-f]{2}(?:\.[\da-f])?\): (\d{1,5})\b/i.exec(line);
  if (xid !== null) return { kind: 'xid', code: Number(xid[1]) };
  const found = rows.find(([pattern]) => pattern.test(line));
  return found === undefined ? null : { kind: found[1], code: null };
}

/** `NAME[PID]: ...` or `NAME (PID): ...` */
const ofProgram = /^.{1,15} ?[[(]\d+[\])]/;

const rows: readonly (readonly [RegExp, Exclude<NodeEvent['kind'], 'xid'>])[] = [
  [/^(?:mce: |\{\d+\})?\[Hardware Error\].*(?:\bUncorrected\b|Machine Check Exception)/, 'ecc-uncorrected'],
  [/^EDAC (?:\w+ )?MC\d+: \d+ UE\b/, 'ecc-uncorrected'],
  [/^(?:mce: |\{\d+\})?\[Hardware Error\].*(?:\bCorrected\b|Machine check events logged)/, 'ecc-corrected'],
  [/^EDAC (?:\w+ )?MC\d+: \d+ CE\b/, 'ecc-corrected'],
  [
    /^\S+ [\da-f]{4,8}:[\da-f]{2}:[\da-f]{2}\.[\da-f]: AER:.*\bUncorrected\b|^(?:NVRM|nvidia).*NVLink.*\bfatal\b/,
    'link',
  ],
  [/^(?:mce: )?CPU\d+: .*temperature (?:is )?above threshold.*throttled/i, 'throttle'],
];
