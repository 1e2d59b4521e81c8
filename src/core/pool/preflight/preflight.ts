import { combineVerdicts, type Judgement, type Verdict } from '../../units/verdict.ts';

/** What an active preflight tries, in the order in which it does. */
export const preflightKinds = [
  'memory',
  'storage-cold',
  'storage-cached',
  'fabric',
  'device-memory',
  'pageable-to-device',
  'host-to-device',
  'device-to-host',
  'kernel',
  'peer',
] as const;
export type PreflightKind = (typeof preflightKinds)[number];

/** One thing that was tried on a node. */
export interface PreflightCheck {
  readonly kind: PreflightKind;
  /** On what: `NUMA node 0`, `GPU 1 bf16`, `GPU 0 to GPU 1`, a file. */
  readonly of: string;
  /** `unknown`: it was not tried, or said nothing. */
  readonly verdict: Exclude<Verdict, 'inconclusive'>;
  /** Always there unless it passed. */
  readonly reason: string | null;
  /** Bytes that arrived in a second; left out where none were moved. */
  readonly bytesPerSecond?: number;
  /** Bytes in a second that the PCIe link carries at most, by its largest generation and width. */
  readonly ceilingBytesPerSecond?: number;
}

/**
 * What `plimsoll probe --active` measured on a node. It is no part of a device class: a node that is measured again is still of its
 * class.
 */
export interface Preflight {
  readonly takenAtMs: number;
  readonly tookMs: number;
  readonly checks: readonly PreflightCheck[];
}

/** Checks that a reason names one by one. */
const mostNamed = 5;

/** The worst of its checks, with the reasons of those that did not pass; unknown where nothing was tried. */
export function judgePreflight({ checks }: Pick<Preflight, 'checks'>): Judgement {
  const verdict = combineVerdicts(checks.map((check) => check.verdict));
  if (checks.length === 0) return { verdict, reasons: ['nothing was tried'] };
  if (verdict === 'pass')
    return { verdict, reasons: [checks.length === 1 ? 'the one check passes' : `all ${checks.length} checks pass`] };
  const bad = checks.filter((check) => check.verdict === verdict);
  const named = bad.slice(0, mostNamed).map(describeCheck);
  return { verdict, reasons: bad.length > mostNamed ? [...named, `and ${bad.length - mostNamed} more`] : named };
}

/** `peer, GPU 0 to GPU 1: other bytes arrived`. */
export const describeCheck = ({ kind, of, reason }: PreflightCheck): string =>
  `${kind}, ${of}${reason === null ? '' : `: ${reason}`}`;
