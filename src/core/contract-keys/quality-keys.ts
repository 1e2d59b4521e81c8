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
    key: 'evaluation.task',
    meaning: 'What kind of answers are judged.',
    form: '`classification`, `regression`, `ranking` or `text`',
    default: 'told from labels and outputs; `plimsoll evaluate` prints why',
    example: 'classification',
  },
  {
    key: 'evaluation.label',
    meaning:
      'Column of the dataset that holds the right answer: a class, a number, a list of relevances, a text or a list of texts.',
    form: 'the name of a column',
    default: 'label',
    example: 'label',
  },
  {
    key: 'evaluation.output',
    meaning: 'Output of the model that is judged.',
    form: 'the name of an output',
    default: 'the only output; a model with several must say which',
    example: 'probabilities',
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
    meaning: 'Which metric of the evaluation this gate reads: one of Plimsoll or one of `evaluation.metrics`.',
    form: 'the name of a metric such as `accuracy`, `f1[cat]` or `ndcg@10`',
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
    form: 'a percentage such as `5%`, a duration such as `50ms` for latency, or a bare number for a metric without a unit',
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
      'How much worse is still no worse, in the unit of the metric: lower where larger is better, else higher. Only with `noWorseThan`. With 0 only a version that is shown to be better passes.',
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
    key: 'evaluation.metrics',
    meaning: 'Metrics of your own, by name.',
    form: 'a section of names, each with `command` or `module`',
    default: 'only the metrics that Plimsoll knows',
    example: '{ my-score: { command: [python3, score.py], largerIsBetter: true } }',
  },
  {
    key: 'evaluation.metrics.<name>',
    meaning: 'One metric of your own: a program or a module that gives a value for each row.',
    form: 'a section with `largerIsBetter` and one of `command`, `module`',
    default: null,
    example: '{ command: [python3, score.py], largerIsBetter: true }',
  },
  {
    key: 'evaluation.metrics.<name>.command',
    meaning:
      'Program and arguments, run in the folder of the contract. It reads rows as JSON lines with `row`, `label` and `answer`, and prints one value per row, or one number. Files that the arguments name are part of what was measured.',
    form: 'a list of at least one word',
    default: '`module` is there instead',
    example: '[python3, score.py]',
  },
  {
    key: 'evaluation.metrics.<name>.module',
    meaning:
      'TypeScript or JavaScript module that exports `metric(rows)`, which gives one value per row. It runs in a process of its own.',
    form: 'a path below the folder of the contract',
    default: '`command` is there instead',
    example: './metric.ts',
  },
  {
    key: 'evaluation.metrics.<name>.largerIsBetter',
    meaning: 'Whether a larger value is a better one.',
    form: '`true` or `false`',
    default: null,
    example: 'true',
  },
  {
    key: 'evaluation.metrics.<name>.files',
    meaning: 'Files and folders that the program reads besides those that its command names.',
    form: 'a list of paths below the folder of the contract',
    default: '[]',
    example: '[weights.json]',
  },
  {
    key: 'evaluation.metrics.<name>.timeout',
    meaning: 'How long the program may take over all rows.',
    form: 'a duration above zero such as `2m`',
    default: '10m',
    example: '2m',
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
    meaning: 'Inputs and outputs that are dropped before anything is stored: names of tensors, or JSON paths.',
    form: 'a list of names and of paths such as `$.messages[*].content`',
    default: '[]',
    example: '[email]',
  },
  {
    key: 'monitoring.capture.content',
    meaning:
      'Whether the control plane keeps the bodies of captured requests and answers, or only what it computes from them.',
    form: '`true` or `false`',
    default: 'false',
    example: 'true',
  },
  {
    key: 'monitoring.capture.retention',
    meaning: 'How long the bodies of captured requests and answers are kept. What is computed from them stays.',
    form: 'a duration above zero such as `7d`',
    default: '7d',
    example: '24h',
  },
  {
    key: 'monitoring.capture.maxBytes',
    meaning:
      'How much a gateway keeps on its disk while the control plane does not take it. A full spool drops what comes next, and counts it.',
    form: 'a size such as `64MiB`, at least `1MiB`',
    default: '64MiB',
    example: '256MiB',
  },
  {
    key: 'monitoring.control',
    meaning:
      'Share of requests that go to a replica drawn at random. Only they compare replicas and releases: all others go where load and weights send them.',
    form: 'a percentage such as `10%`; `0%` turns it off',
    default: '10% where `monitoring.capture` or `monitoring.falseAlarms` is written',
    example: '10%',
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
    key: 'monitoring.labels.margin',
    meaning:
      'How far the live risk may lie above the upper limit of the evaluated risk, as a share of the worst loss of a row.',
    form: 'a percentage above zero such as `1%`',
    default: '1%',
    example: '1%',
  },
  {
    key: 'monitoring.labels.errorAtMost',
    meaning:
      'Largest error of a row that counts, in the unit of the labels. `mae` and `mape` have no worst error of their own, and are unknown without it.',
    form: 'a number above zero',
    default: 'not written: `mae` and `mape` are unknown',
    example: '60',
  },
  {
    key: 'monitoring.falseAlarms',
    meaning:
      'How often the detectors may raise an alarm while nothing is wrong, all of them together. Asks for monitoring evidence.',
    form: 'a count per time such as `1 per 30d`',
    default: 'no detectors run, and no monitoring evidence is asked for',
    example: '1 per 30d',
  },
  {
    key: 'monitoring.window',
    meaning:
      'How long a window of captured requests lasts at least; it has 20 requests at least. Windows are compared with a history of 400 of them. A history that is shorter than a day does not know the hours of the day.',
    form: 'a duration above zero such as `5m`',
    default: '5m',
    example: '5m',
  },
];
