import type { LinkFacts } from '../node-facts.ts';
import { ceilingOfLink, leastLinkShare } from './link-ceiling.ts';
import type { PreflightCheck } from './preflight.ts';

/**
 * The checks of one device with the ceiling of its link. The fastest copy of memory that is held in place has to carry half of the ceiling;
 * of several NUMA nodes one is near, and the others may be slower. Copies of pageable memory pass through a second copy and are not judged.
 */
export function judgeLink(checks: readonly PreflightCheck[], link: LinkFacts | null): readonly PreflightCheck[] {
  const ceiling = ceilingOfLink(link);
  if (ceiling === null) return checks;
  const slow = new Set(
    (['host-to-device', 'device-to-host'] as const).flatMap((kind) => {
      const passed = checks.filter((check) => check.kind === kind && check.verdict === 'pass');
      const [fastest] = [...passed].sort((a, b) => (b.bytesPerSecond ?? 0) - (a.bytesPerSecond ?? 0));
      return fastest !== undefined && (fastest.bytesPerSecond ?? 0) < ceiling * leastLinkShare ? [fastest] : [];
    }),
  );
  return checks.map((check) => {
    if (check.kind !== 'host-to-device' && check.kind !== 'device-to-host') return check;
    const known = { ...check, ceilingBytesPerSecond: ceiling };
    if (!slow.has(check)) return known;
    const share = Math.round(((check.bytesPerSecond ?? 0) / ceiling) * 100);
    return {
      ...known,
      verdict: 'fail',
      reason: `the link carries ${share}% of what its generation and width allow, and ${leastLinkShare * 100}% is expected`,
    };
  });
}
