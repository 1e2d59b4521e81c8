import type { PoolVerdict } from '../../core/hardware/compatibility.ts';
import {
  countClasses,
  counted,
  decidingFinding,
  nodesInDoubt,
  warningsOf,
  type ClassCount,
} from '../../core/hardware/verdict-words.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import type { Finding, Report } from '../report/report.ts';
import { conclusionOfVerify, nextOfVerify, type VerifyOutcome } from '../verdict/verify-outcome.ts';
import { mostClasses, mostNodes } from '../verdict/verify-text.ts';

type Place = Pick<Finding, 'file' | 'line' | 'column'>;

const levelOf: Readonly<Record<Verdict, Finding['level']>> = {
  pass: 'pass',
  fail: 'error',
  unknown: 'warning',
  inconclusive: 'warning',
};

/** The verdict for other programs: one finding for the pool, one for each class, one for each node that does not pass. */
export function verifyReport(outcome: VerifyOutcome, toolVersion: string): Report {
  const { verdict, place, whatIf } = outcome;
  const at = { ...place, column: 1 };
  const next = nextOfVerify(outcome);
  const classes = countClasses(verdict);
  const nodes = nodesInDoubt(verdict);
  const breaks = whatIf?.diff.breaks ?? [];
  const whole: Finding = {
    rule: 'hardware-pool',
    name: `${verdict.service} in ${verdict.environment} on ${verdict.pool}`,
    level: breaks.length > 0 ? 'error' : levelOf[verdict.verdict],
    message: [conclusionOfVerify(outcome), ...reasonsOf(outcome)].join('; '),
    ...(next === null ? {} : { next }),
    ...at,
  };
  return {
    title: 'verify',
    toolVersion,
    conclusion: conclusionOfVerify(outcome),
    findings: [
      whole,
      ...classes.slice(0, mostClasses).map((one) => ofClass(one, at)),
      ...beyond(classes.length - mostClasses, 'device class', 'es', at),
      ...nodes.slice(0, mostNodes).map(({ node, verdict: ofNode, reason }): Finding => {
        return { rule: 'hardware-node', name: `node ${node}`, level: levelOf[ofNode], message: reason, ...at };
      }),
      ...beyond(nodes.length - mostNodes, 'node', 's', at),
      ...warningFindings(verdict, at),
    ],
  };
}

function reasonsOf({ whatIf }: VerifyOutcome): readonly string[] {
  if (whatIf === null) return [];
  const { breaks, lost, freed } = whatIf.diff;
  return [
    `breaks ${counted(breaks.length, 'node')}, frees ${freed.length}, loses sight of ${lost.length}`,
    ...whatIf.notes,
  ];
}

function ofClass({ verdict, nodes, devices }: ClassCount, at: Place): Finding {
  const deciding = decidingFinding(verdict);
  const where = `${counted(devices, 'device')} of ${counted(nodes, 'node')}`;
  const message = `${verdict.compatibility} on ${where}: ${deciding?.message ?? 'no rule objects'}`;
  return {
    rule: `hardware-${deciding?.rule ?? 'class'}`,
    name: verdict.description,
    level: levelOf[verdict.verdict],
    message,
    ...(verdict.verdict === 'pass' || deciding?.fix === undefined ? {} : { next: deciding.fix }),
    ...(deciding === null ? {} : { source: deciding.source, facts: deciding.facts }),
    ...at,
  };
}

function warningFindings(verdict: PoolVerdict, at: Place): readonly Finding[] {
  return warningsOf(verdict)
    .slice(0, mostClasses)
    .map(({ finding, of }) => ({
      rule: `hardware-${finding.rule}`,
      name: of.length === 1 ? (of[0] ?? '') : `${of.length} device classes`,
      level: 'advice',
      message: finding.message,
      source: finding.source,
      facts: finding.facts,
      ...at,
    }));
}

function beyond(more: number, noun: string, plural: string, at: Place): readonly Finding[] {
  if (more <= 0) return [];
  const message = `and ${more} more ${noun}${more === 1 ? '' : plural}; plimsoll verify --json has all of them`;
  return [{ rule: 'hardware-pool', name: `more of the pool (${noun})`, level: 'advice', message, ...at }];
}
