import { may, must, type KindRow } from '../kind-row.ts';
import { judgeEvaluation } from './evaluation-evidence.ts';

export const evaluationRow: KindRow = {
  proves: 'the model passes the gates on the evaluation dataset',
  askedBy: { key: 'evaluation', isAsked: ({ evaluation }) => evaluation !== undefined },
  subjects: [
    must('code', 'bundle'),
    must('model', 'bundle'),
    must('dataset', 'claimed'),
    may('evaluation-question', 'bundle'),
    may('features', 'bundle'),
    may('feature-views', 'claimed'),
    { ...must('runtime', 'nodes'), carried: true },
    { ...must('device-classes', 'nodes'), carried: true },
  ],
  judge: judgeEvaluation,
  renewal: 'plimsoll evaluate',
  // The same model over the same rows gives the same limits.
  undecidedWithout: ({ evaluation }) =>
    evaluation === undefined
      ? null
      : `add labelled rows: plimsoll data add FILE --name ${evaluation.dataset}, then plimsoll pin`,
  invalidatedBy: ['drift.left-reference'],
};
