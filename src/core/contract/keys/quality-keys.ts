import type { KeyDoc } from './key-doc.ts';

const dataName = 'letters, digits, `.`, `_` and `-`, at most 128';

export const qualityKeys: readonly KeyDoc[] = [
  {
    key: 'evaluation',
    meaning: 'How the model is judged before it is released. Asks for evaluation evidence.',
    form: 'a section with `dataset` and `gates`',
    default: 'not written: no evaluation evidence is asked for',
    example: '{ dataset: digits-holdout, gates: [{ metric: accuracy, atLeast: 95% }] }',
  },
  {
    key: 'evaluation.dataset',
    meaning: 'Name of the data that the model is evaluated on; the lock pins its version and digest.',
    form: dataName,
    default: null,
    example: 'digits-holdout',
  },
  {
    key: 'evaluation.gates',
    meaning: 'What must hold, each of them.',
    form: 'a list of at least one gate',
    default: null,
    example: '[{ metric: accuracy, atLeast: 95% }]',
  },
  {
    key: 'evaluation.gates[]',
    meaning: 'One gate: a metric with a fixed limit, or a comparison with another version.',
    form: 'a section with `metric` and one of `atLeast`, `atMost`, `noWorseThan`',
    default: null,
    example: '{ metric: accuracy, noWorseThan: released, margin: 0.5%, confidence: 95% }',
  },
  {
    key: 'evaluation.gates[].metric',
    meaning: 'Which metric of the evaluation this gate reads.',
    form: dataName,
    default: null,
    example: 'accuracy',
  },
  {
    key: 'evaluation.gates[].atLeast',
    meaning:
      'Lower limit of the metric. Compared with the lower one-sided confidence limit, so that a lucky sample does not pass.',
    form: 'a percentage such as `95%`, or a bare number for a metric without a unit',
    default: 'no lower limit',
    example: '95%',
  },
  {
    key: 'evaluation.gates[].atMost',
    meaning: 'Upper limit of the metric. Compared with the upper one-sided confidence limit.',
    form: 'a percentage such as `5%`, or a bare number for a metric without a unit',
    default: 'no upper limit',
    example: '0.35',
  },
  {
    key: 'evaluation.gates[].noWorseThan',
    meaning: 'The version to compare with on the same rows: `released` for the live one, or an alias.',
    form: '`released` or an alias',
    default: 'no comparison',
    example: 'released',
  },
  {
    key: 'evaluation.gates[].margin',
    meaning:
      'How much worse is still no worse: the non-inferiority margin of the paired comparison. Only with `noWorseThan`.',
    form: 'a percentage such as `0.5%`, or a bare number for a metric without a unit',
    default: '0',
    example: '0.5%',
  },
  {
    key: 'evaluation.gates[].confidence',
    meaning: 'One-sided confidence that the gate asks for.',
    form: 'a percentage from 50% to below 100%, such as `95%`',
    default: '95%',
    example: '95%',
  },
  {
    key: 'evaluation.slices',
    meaning: 'Columns of the dataset; the metric is reported for each of their values as well.',
    form: 'a list of column names',
    default: '[]',
    example: '[label]',
  },
  {
    key: 'monitoring',
    meaning: 'How the quality of live answers is watched.',
    form: 'a section',
    default: 'not written: nothing is watched, and no golden evidence is asked for',
    example: '{ golden: digits-golden }',
  },
  {
    key: 'monitoring.reference',
    meaning: 'Name of the data that live inputs are compared with; usually what the model was trained on.',
    form: dataName,
    default: 'live inputs are not compared',
    example: 'digits-train',
  },
  {
    key: 'monitoring.golden',
    meaning:
      'Name of the data whose inputs are the golden set. Asks for golden evidence; every replica must reproduce the pinned outputs before it gets traffic.',
    form: dataName,
    default: 'no golden evidence is asked for',
    example: 'digits-golden',
  },
  {
    key: 'monitoring.capture',
    meaning: 'Which live requests are kept, off the path of the answer, for comparison and labelling.',
    form: 'a section with `sample`',
    default: 'nothing is kept',
    example: '{ sample: 5%, redact: [] }',
  },
  {
    key: 'monitoring.capture.sample',
    meaning: 'Share of requests that are kept, drawn independently, per gateway.',
    form: 'a percentage above zero such as `5%`',
    default: null,
    example: '5%',
  },
  {
    key: 'monitoring.capture.redact',
    meaning: 'Inputs, outputs and headers that are dropped before anything is stored.',
    form: 'a list of names',
    default: '[]',
    example: '[email]',
  },
  {
    key: 'monitoring.labels',
    meaning: 'Where the true answers to captured requests come from.',
    form: 'a section with `from` and `within`',
    default: 'there are none: only inputs and outputs are watched',
    example: '{ from: api, within: 7d }',
  },
  {
    key: 'monitoring.labels.from',
    meaning: 'How labels reach Plimsoll: `api`, sent to the control plane with the request id.',
    form: '`api`',
    default: null,
    example: 'api',
  },
  {
    key: 'monitoring.labels.within',
    meaning: 'How late a label may come and still count for the window of its request.',
    form: 'a duration such as `7d`',
    default: null,
    example: '7d',
  },
  {
    key: 'monitoring.falseAlarms',
    meaning:
      'How often the detectors may raise an alarm while nothing is wrong, all of them together. Asks for monitoring evidence.',
    form: 'a count per time such as `1 per 30d`',
    default: 'no detectors run, and no monitoring evidence is asked for',
    example: '1 per 30d',
  },
];
