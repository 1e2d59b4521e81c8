import type { NextSteps } from './next-step.ts';

/** What judgements, records and schemas suggest. */
export const coreSteps = {
  'blob-missing/elsewhere':
    'take away --server and PLIMSOLL_SERVER and run the command again, then plimsoll release --server URL, which sends the files',
  'golden-missing+golden-not-asked+evidence-refused+replica-refused/openai':
    'plimsoll release --waive golden --reason TEXT --until 7d',
  'golden-missing/contract': 'write monitoring.golden into the contract, then plimsoll golden record',
  'model-pickled':
    'export it to ONNX or safetensors; if you trust everybody who could write it: plimsoll model add {given} --name {name} --allow-pickle',
  'model-pickled/elsewhere':
    'export it to ONNX or safetensors; if you trust everybody who could write it, where the control plane runs: plimsoll model add FILE --name {name} --allow-pickle',
  'no-credential':
    'plimsoll token add NAME --role {role} beside `plimsoll up` makes a token; give it by PLIMSOLL_TOKEN',
  'no-credential/page': 'plimsoll page',
  'released-elsewhere': 'plimsoll status --server {server}',
  'alarm-weights': 'report this with `plimsoll --version`',
  'alias-moved/model-show': 'plimsoll model show {name}',
  'artifact-unknown': 'plimsoll release, once the registry answers',
  'blob-corrupt':
    'add the original file again (plimsoll model add FILE --name NAME, or plimsoll data add FILE --name NAME): the same bytes mend the blob',
  'blob-missing': 'plimsoll model verify',
  'bundles-unknown': 'upgrade the control plane and start it again: plimsoll up',
  'contract-invalid/check': 'plimsoll check',
  'contract-invalid/explain': 'plimsoll explain {key}',
  'cost.broken': 'see why: `plimsoll cost`',
  'environment-invalid': 'mend the file, and run the command again; plimsoll environment set --help names its keys',
  'environment-moved': 'plimsoll environment show {environment}',
  'evaluation-rows-differ': 'evaluate both over the same data version: plimsoll evaluate',
  'hardware-refused+hardware-unknown': 'plimsoll verify shows the rules and the facts',
  'labels-unfit': 'plimsoll data show NAME; then mend the data, or name another column in evaluation.label',
  'lease-lost/status':
    'another process took over; look at `plimsoll status`, and run the command again if it should still happen',
  'ledger-not-conserved': 'report this with the output of `plimsoll --version`',
  'model-version-missing/model-show': 'plimsoll model show {name}',
  'never-live': 'plimsoll history',
  'node-facts-invalid': 'take the facts again on that node: plimsoll probe --json > FILE',
  'not-released': '`plimsoll release`',
  'nothing-to-roll-back': 'plimsoll history',
  'plan-invalid': 'write one with plimsoll pack --out FILE',
  'provider-away': 'try again in a minute; `plimsoll page` signs in without a provider',
  'same-digest': 'plimsoll history',
  'scope-invalid': 'write the scope of a token, as `plimsoll token list` shows it: --to service=NAME environment=NAME',
  'service-claimed':
    'use such a token, or ask whoever may operate it: plimsoll service transfer {service} --environment {environment} --to SCOPE',
  'sign-ins-busy': 'try again in {seconds} s; `plimsoll page` signs in without a provider',
  'signature-unfit': 'release a model that fits, or mend code.signature: plimsoll explain code.signature',
  'signatures-invalid': 'remove {signaturesFile}, then plimsoll evidence sign --key FILE',
  unexpected: 'report this with the command you ran and the output of `plimsoll --version`',
  'unknown-release': 'plimsoll history',
  unreadable: 'mend its file of prices until plimsoll check reads it, then plimsoll release',
  'version-too-far/command-line': 'upgrade the command line: npm install --global plimsoll@{version}',
  'version-too-far/control-plane': 'upgrade the control plane: npm install --global plimsoll@{version}',
  'version-too-far/unreleased': 'use released versions on both sides: plimsoll --version',
  'waiver-forbidden': 'measure it: plimsoll check; the policy: plimsoll environment show {environment}',
  'model-claimed+data-claimed':
    'have its owner share it (plimsoll {kind} share {name} --with {service}), or use another name',
  'unknown-command': 'plimsoll --help',
  'unknown-command/near': 'plimsoll {command} --help',
  'missing-subcommand': 'plimsoll {command} --help',
  'evidence-refused': 'plimsoll check',
} as const satisfies NextSteps;
