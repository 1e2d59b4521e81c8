/** What `plimsoll init` knows when it writes: asked, given by flags, or found in the folder. */
export interface InitAnswers {
  readonly service: string;
  /** Empty: nobody is named. */
  readonly owner: string;
  readonly model: string;
  /** Image reference; null for the command of this installation's own model server. */
  readonly image: string | null;
  /** Name of the golden data; empty: none. */
  readonly golden: string;
}

/** The text of a first contract: short, right, and with the way onwards in comments. */
export function initialContract(answers: InitAnswers): string {
  const { service, owner, model, image, golden } = answers;
  const code =
    image === null
      ? ['  command: [plimsoll, serve-model] # any program that speaks the protocol and listens on ${PLIMSOLL_PORT}']
      : [`  image: ${yamlText(image)} # the lock pins its digest`];
  const monitoring =
    golden === ''
      ? ['# monitoring: { golden: NAME } # inputs whose pinned outputs every replica must reproduce']
      : [
          'monitoring:',
          `  golden: ${yamlText(golden)} # every replica must reproduce its pinned outputs before it gets traffic`,
        ];
  return [
    '# The contract of one inference service. `plimsoll explain KEY` says what a key means, `plimsoll check` checks it.',
    'apiVersion: plimsoll.dev/v1',
    `service: ${yamlText(service)}`,
    ...(owner === '' ? ['# owner: TEAM'] : [`owner: ${yamlText(owner)}`]),
    '',
    '# What runs, without the model. Released and rolled back on its own.',
    'code:',
    ...code,
    '',
    '# Which model it serves. Released and rolled back on its own.',
    'model:',
    `  name: ${yamlText(model)}`,
    '  version: candidate # an alias, or a number in the registry; the lock pins number and sha256',
    '',
    ...monitoring,
    '',
    '# A section that is not written asks for no evidence. Write these when you are ready to prove them:',
    '# hardware: { accelerator: nvidia, computeCapability: ">=8.0", memory: 20GiB }',
    '# objective: { latency: { p99: 50ms }, availability: 99.9% }',
    '# coldStart: { p90: 45s, from: node-disk }',
    '# scaling: { signal: queue-depth, replicas: { min: 1, max: 8 } }',
    '# evaluation: { dataset: NAME, gates: [{ metric: accuracy, atLeast: 95% }] }',
    '# rollout: { steps: [5%, 25%, 100%], keepPrevious: 1h }',
    '# cost: { prices: prices.yaml, budget: 120 USD/day }',
    '',
  ].join('\n');
}

/** Plain where YAML reads it back as the same text, quoted otherwise. */
function yamlText(text: string): string {
  return /^[A-Za-z][A-Za-z0-9._/-]*(:[A-Za-z0-9._-]+)?$/.test(text) && !/^(true|false|null)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

/** A word that may name a service or a model, made from the name of a folder or a file. */
export function labelFrom(text: string, fallback: string): string {
  const label = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return label === '' ? fallback : label;
}
