import type { ScalingReport } from '../../core/scaling/simulation/scaling-report.ts';

export function scalingHtml(report: ScalingReport): string {
  return report.verdict;
}
