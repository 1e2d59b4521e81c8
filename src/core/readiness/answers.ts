import type { Contract } from '../contract/contract.ts';
import type { EvidenceKind, EvidenceState } from '../evidence/lock/lock.ts';
import { renewCommand } from '../evidence/renewal.ts';
import { readinessQuestions, type ReadinessAnswer, type ReadinessQuestion } from './readiness.ts';

/** From this many gaps on, `plimsoll doctor` fails. */
export const tooManyGaps = 3;
export const tooManyGapsSentence = 'carrying risk it cannot see';

type Answer = Omit<ReadinessAnswer, 'question' | 'text'>;
type Rows = Readonly<Partial<Record<EvidenceKind, EvidenceState>>>;

const texts: Readonly<Record<ReadinessQuestion, string>> = {
  'hardware-verified': 'Is the hardware contract verified on the target nodes?',
  'cold-start-budgeted': 'Is the cold-start budget known, and is scaling aware of it?',
  'signal-not-cpu': 'Does scaling react to something else than CPU?',
  'output-quality-monitored': 'Is the quality of live outputs monitored?',
  'model-rolls-back-alone': 'Can the model be rolled back independently of the code?',
  'accelerator-seconds-attributed': 'Are accelerator-seconds attributed, with idle visible?',
};

const askers: Readonly<Record<ReadinessQuestion, (contract: Contract, rows: Rows) => Answer>> = {
  'hardware-verified': ({ hardware }, rows) =>
    hardware === undefined ? unwritten('hardware') : proven('hardware', rows),
  'cold-start-budgeted': coldStartBudgeted,
  'signal-not-cpu': signalNotCpu,
  'output-quality-monitored': outputQualityMonitored,
  'model-rolls-back-alone': modelRollsBack,
  'accelerator-seconds-attributed': ({ cost }, rows) => (cost === undefined ? unwritten('cost') : proven('cost', rows)),
};

/** The six answers in their fixed order, from the contract and the evidence table. A waiver answers nothing. */
export function answerReadiness(contract: Contract, evidence: readonly EvidenceState[]): readonly ReadinessAnswer[] {
  const rows: Rows = Object.fromEntries(evidence.map((state) => [state.kind, state]));
  return readinessQuestions.map((question) => ({
    question,
    text: texts[question],
    ...askers[question](contract, rows),
  }));
}

export function countGaps(answers: readonly ReadinessAnswer[]): number {
  return answers.filter(({ answer }) => answer !== 'yes').length;
}

function coldStartBudgeted({ coldStart }: Contract, rows: Rows): Answer {
  if (coldStart === undefined) return unwritten('coldStart');
  const known = proven('cold-start', rows);
  const { scaling } = rows;
  if (known.answer !== 'yes' || scaling === undefined || scaling.freshness === 'not-asked') return known;
  return proven('scaling', rows);
}

function signalNotCpu({ scaling }: Contract): Answer {
  if (scaling === undefined) return unwritten('scaling');
  if (scaling.actuator === 'none') {
    const reason = 'something else writes the number of replicas (`actuator: none`), by a signal unknown here';
    return { answer: 'not-measured', reason, command: 'plimsoll explain scaling.actuator' };
  }
  return { answer: 'yes', reason: `scaling reacts to ${scaling.signal}` };
}

/** Asked for by `rollout.steps`; a drill that passed shows it also where the contract does not ask. */
function modelRollsBack({ rollout }: Contract, rows: Rows): Answer {
  if (rollout?.steps !== undefined) return proven('rollback', rows);
  const { unasked } = rows.rollback ?? {};
  if (unasked?.freshness === 'fresh' && unasked.verdict === 'pass') {
    return { answer: 'yes', reason: 'a drill went back to the previous model and returned' };
  }
  const drilled =
    unasked === undefined ? 'no drill has shown it for this one' : `the drill of it is ${unasked.freshness}`;
  return {
    answer: 'not-measured',
    reason: `\`plimsoll rollback --model\` exists for every service, but ${drilled}`,
    command: 'plimsoll rollback --drill',
  };
}

/** A golden set is replayed when a replica is admitted; that says nothing of the live inputs that come afterwards. */
function outputQualityMonitored({ monitoring }: Contract, rows: Rows): Answer {
  if (monitoring === undefined) return unwritten('monitoring');
  if (monitoring.falseAlarms !== undefined) return proven('monitoring', rows);
  const golden = monitoring.golden === undefined ? '' : 'the golden set guards admission, but ';
  const reason = `${golden}no detector watches live outputs (\`monitoring.falseAlarms\` is not written)`;
  return { answer: 'no', reason, command: 'plimsoll explain monitoring.falseAlarms' };
}

function unwritten(section: string): Answer {
  return {
    answer: 'no',
    reason: `the contract does not write \`${section}\``,
    command: `plimsoll explain ${section}`,
  };
}

/** Fresh and passing is yes, fresh and failing is no; all else was not measured, or not of what is there now. */
function proven(kind: EvidenceKind, rows: Rows): Answer {
  const state = rows[kind];
  const said = `${kind} evidence is ${state === undefined ? 'missing' : state.freshness}`;
  const reason = [said, ...(state?.reasons.slice(0, 1) ?? [])].join(': ');
  if (state?.freshness === 'fresh' && state.verdict === 'pass') return { answer: 'yes', reason };
  const command = state?.renew ?? renewCommand(kind);
  const failing = state?.freshness === 'fresh' && state.verdict === 'fail';
  return { answer: failing ? 'no' : 'not-measured', reason, command };
}
