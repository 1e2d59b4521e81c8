import { expect, it } from 'vitest';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { digest } from '../../testing/builders/evidence-builders.ts';
import { reportText } from '../report/formats.ts';
import { checkComment } from './check-comment.ts';
import { conclusionOf, exitStatusOfCheck, nextOfCheck, type CheckOutcome } from './check-outcome.ts';
import { checkReport } from './check-report.ts';
import { checkText } from './check-text.ts';

const reason = 'the present runtime is not known: no replica reports';
const unknown: EvidenceState = {
  kind: 'golden',
  freshness: 'unknown',
  verdict: 'unknown',
  reasons: [reason],
  renew: 'plimsoll golden record',
  available: true,
  measuredAtMs: 0,
  subjects: [
    { subject: 'golden-set', knownBy: 'claimed', measured: digest('set'), present: digest('set') },
    { subject: 'runtime', knownBy: 'nodes', measured: digest('runtime'), present: null, unknown: 'no replica reports' },
  ],
  judgedOnRelease: ['runtime'],
};
const outcome: CheckOutcome = {
  service: 'digits',
  contractFile: 'plimsoll.yaml',
  lockFile: 'plimsoll.lock',
  problems: [],
  lock: 'present',
  environments: [{ environment: 'prod', mismatches: [], evidence: [unknown] }],
  moves: null,
  failures: [],
};

it('takes evidence that cannot be known for not proven, and never for passing or failing', () => {
  expect([exitStatusOfCheck(outcome), conclusionOf(outcome), nextOfCheck(outcome)]).toEqual([
    3,
    '1 kind of evidence not proven',
    'plimsoll golden record',
  ]);
  const waiver = { kind: 'golden', reason: 'first try', untilMs: 9, by: 'ann', atMs: 1 } as const;
  const waived = { ...outcome, environments: [{ ...outcome.environments[0]!, evidence: [{ ...unknown, waiver }] }] };
  expect(exitStatusOfCheck(waived)).toBe(0);
});

it.each([
  ['sarif', `"level": "warning",\n          "message": {\n            "text": "unknown: ${reason} (next: plimsoll`],
  ['junit', `<failure type="evidence-golden" message="unknown: ${reason}">`],
  ['github', `::warning file=plimsoll.lock,line=1,col=1,title=plimsoll check%3A golden evidence in prod::unknown: `],
  ['markdown', `| golden evidence in prod | **not proven** | unknown: ${reason} (plimsoll.lock:1) |`],
] as const)('says so in %s, with the reason', (format, said) => {
  expect(reportText(checkReport(outcome, '1.0.0'), format)).toContain(said);
});

it('says so in text and in the comment, with what is judged on release and what only the lock claims', () => {
  const text = checkText(outcome, true, 90_000);
  expect(text).toContain('\u001b[33munknown');
  expect(text).toContain('\u001b[2m  judged on release: runtime\u001b[22m');
  expect(text).toContain('\u001b[2m  claimed by the lock: golden-set\u001b[22m');
  const comment = checkComment({ outcome, contract: null, locked: {}, nowMs: 90_000 });
  expect(comment).toContain('### plimsoll check: digits — not proven');
  expect(comment).toContain(`| golden | **not proven** | unknown | 1m 30s ago | ${reason} | plimsoll golden record |`);
  expect(comment).toContain('\n\nJudged on release: runtime.\n\nClaimed by the lock: golden-set.');
});

it('speaks of neither where the evidence has no such subject', () => {
  const fresh: EvidenceState = { ...unknown, freshness: 'fresh', verdict: 'pass', reasons: [], subjects: [] };
  const { judgedOnRelease: _, ...known } = fresh;
  const held = { ...outcome, environments: [{ environment: 'prod', mismatches: [], evidence: [known] }] };
  expect(checkText(held, false, 0)).not.toMatch(/judged on release|claimed/);
  expect(checkComment({ outcome: held, contract: null, locked: {}, nowMs: 0 })).not.toMatch(/on release|laimed/);
});
