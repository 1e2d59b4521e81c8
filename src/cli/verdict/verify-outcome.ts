import type { PoolVerdict } from '../../core/hardware/compatibility.ts';
import { countClasses, verdictSentence, type ClassCount } from '../../core/hardware/verdict-words.ts';
import type { VerdictDiff } from '../../core/hardware/what-if/what-if-diff.ts';
import { combineExitStatus, exitStatusOfVerdict, type ExitStatus } from '../exit-status.ts';
import type { FoundPool } from '../../prove/verify/verify-pools.ts';
import { type ContractPlace, environmentOption } from '../../prove/verify/verify-service.ts';
import type { Recorded } from '../../prove/verify/verify-record.ts';

/** What one service was found to be on one pool. */
export interface VerifyOutcome {
  readonly place: ContractPlace;
  readonly pool: FoundPool;
  /** On the changed facts where some were changed. */
  readonly verdict: PoolVerdict;
  readonly whatIf: WhatIfOutcome | null;
  /** Where the evidence went, or why there is none. */
  readonly recorded: Recorded;
}

export interface WhatIfOutcome {
  /** As they were asked for. */
  readonly changes: readonly string[];
  readonly notes: readonly string[];
  readonly before: PoolVerdict;
  readonly diff: VerdictDiff;
}

/** A change that breaks a node fails, whatever else it does. */
export function exitStatusOfVerify({ verdict, whatIf }: Pick<VerifyOutcome, 'verdict' | 'whatIf'>): ExitStatus {
  const breaks = whatIf !== null && whatIf.diff.breaks.length > 0;
  return combineExitStatus([exitStatusOfVerdict(verdict.verdict), ...(breaks ? [1 as const] : [])]);
}

export function conclusionOfVerify({ verdict, whatIf }: Pick<VerifyOutcome, 'verdict' | 'whatIf'>): string {
  const sentence = verdictSentence(verdict);
  return whatIf === null ? sentence : `${sentence}, with ${whatIf.changes.join(',')}`;
}

/** The one command that comes next; null for a pass that is recorded, or need not be. */
export function nextOfVerify({ verdict, pool, whatIf, recorded }: VerifyOutcome): string | null {
  if (exitStatusOfVerify({ verdict, whatIf }) === 0) return 'not' in recorded ? (recorded.next ?? null) : null;
  const verify = `plimsoll verify${environmentOption(verdict.environment)}`;
  if (whatIf !== null) return verify;
  if (verdict.verdict === 'fail') {
    if (verdict.nodes.some((node) => node.verdict === 'pass')) return `${verify} --emit affinity`;
    const fixes = Object.values(verdict.classes).some(({ findings }) => findings.some(({ fix }) => fix !== undefined));
    if (fixes) return `do as \`fix\` says, then ${verify}`;
    return pool.file === null ? 'plimsoll probe' : `plimsoll pool show ${verdict.pool}`;
  }
  return pool.file === null ? 'plimsoll probe' : `plimsoll pool snapshot ${verdict.pool} SOURCE...`;
}

/** The outcome for programs: classes with their counts and findings, then every node. */
export function verifyJson(outcome: VerifyOutcome): unknown {
  const { verdict, pool, place, whatIf, recorded } = outcome;
  const { service, environment, reasons, restsOnDeclared, nodes, nodesLeftOut } = verdict;
  return {
    service,
    environment,
    contractFile: place.file,
    verdict: verdict.verdict,
    sentence: conclusionOfVerify(outcome),
    reasons,
    pool: {
      name: verdict.pool,
      file: pool.file,
      takenAt: new Date(pool.snapshot.takenAtMs).toISOString(),
      sources: pool.snapshot.sources,
      restsOnDeclared,
    },
    classes: countClasses(verdict).map(classJson),
    nodes,
    nodesLeftOut,
    ...(whatIf === null ? {} : { whatIf: whatIfJson(whatIf) }),
    recorded,
    next: nextOfVerify(outcome),
  };
}

const classJson = ({ verdict, nodes, devices }: ClassCount): unknown => ({ ...verdict, nodes, devices });

function whatIfJson({ changes, notes, before, diff }: WhatIfOutcome): unknown {
  return { changes, notes, before: { verdict: before.verdict, sentence: verdictSentence(before) }, ...diff };
}
