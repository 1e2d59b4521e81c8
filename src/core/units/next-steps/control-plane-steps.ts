import type { NextSteps } from './next-step.ts';

/** What the control plane suggests. */
export const controlPlaneSteps = {
  'alias-moved/pin': 'plimsoll pin',
  'ambiguous-digest+unknown-bar': 'plimsoll status',
  'approval-missing':
    'plimsoll release --approve {bundle} --reason TEXT, with the token of an approver; then plimsoll release again',
  'ask-decided': 'plimsoll history',
  'ask-unknown': 'plimsoll history',
  'backup-damaged': 'plimsoll store verify {folder} lists all of it; take another backup',
  'backup-missing': 'name a folder that `plimsoll store backup FOLDER` made',
  'bundle-missing': 'plimsoll release sends it again',
  'bundle-of-another': 'plimsoll release makes it anew from the checkout',
  'bundle-unreadable':
    'send the bundle again from where it was released (plimsoll release), or restore the blob from a copy',
  'code-unknown': 'plimsoll page',
  'control-plane-needed/up': 'plimsoll up',
  'control-plane-running':
    'plimsoll up --stop, or end the control plane alone as docs/stores.md says; then run the same command again',
  'emergency-needed': 'make sure that none runs for this service elsewhere, then: plimsoll rollback ... --emergency',
  'environment-contradicted':
    'write what plimsoll environment show {environment} says, or have the record changed: plimsoll environment set {environment} --file FILE',
  'export-needs-prices': 'plimsoll cost says for each pool why it has none',
  forbidden: 'use a token with the role {needed}: plimsoll token add NAME --role {needed}',
  'gateway-unreachable': 'plimsoll status',
  'golden-invalid': 'plimsoll golden record',
  'golden-of-another': 'plimsoll golden record',
  'golden-of-another-model': 'plimsoll golden record',
  'golden.left-everywhere': 'plimsoll golden status',
  'import-diverged':
    'go on with {stateFolder} alone: `plimsoll up` in its folder; or move {stateFolder} aside to go on with {intoFolder}',
  'journal-not-empty':
    'run `plimsoll up` in that folder by itself once, and end it when it runs; then run the same command again',
  'judging-failed': 'plimsoll release asks again; report this error with the log of the control plane',
  'labels-not-judged': 'plimsoll labels status',
  'lease-expired': 'see why the store does not answer: plimsoll status, and the log of the control plane',
  'lease-lost/held': 'another control plane holds it; plimsoll status asks that one',
  'leftover-kept': 'plimsoll doctor tries again',
  'model-nowhere':
    'release from the machine that pinned it, which sends its files; or pin a version of a registry, whose place the lock then names: plimsoll model add mlflow://HOST/models/NAME/VERSION --name {name}, plimsoll pin',
  'model-of-another-digest':
    'plimsoll model add {shown} --name {name}, plimsoll pin; or release from a machine that holds the files',
  monitoring: 'plimsoll drift',
  'no-gateway+nothing-released/release': 'plimsoll release',
  'no-gateway+nothing-released/up': 'plimsoll up',
  'no-such-alarm': 'plimsoll drift',
  'no-such-series': 'plimsoll drift explain',
  'no-token': 'plimsoll token add NAME --role ROLE makes a token; with it as PLIMSOLL_TOKEN: plimsoll page',
  'not-an-approver': 'plimsoll environment show {environment}',
  'nothing-recorded': 'plimsoll environment show {environment}',
  'nothing-to-ask/labels-ask': 'plimsoll labels ask 1 --id {askId}',
  'nothing-to-ask/labels-status': 'plimsoll labels status',
  'nothing-waived': 'plimsoll check lists those that are',
  'notify-failed': 'look at that server, then `plimsoll watch test-notify`',
  'notify-targets-unknown': 'plimsoll status',
  'opencost-one-currency': 'plimsoll cost --focus, which names the currency of each row',
  'platform-contradicted':
    'release to the control plane of {environment}: plimsoll release --server URL; or mend environments.{environment}.{key}',
  'prices-missing/environment-set': 'plimsoll environment set ENVIRONMENT --file FILE, with `prices`',
  'replica-mistaken': 'plimsoll status',
  'replica-token': 'only replicas ask here; `plimsoll model list` is for people',
  'rollback-not-warm': 'bring the store back; plimsoll status says what is warm, and --to names another release',
  'scale-undecided': 'plimsoll scale status',
  'scaling-record-missing': 'plimsoll history --kind scaling.decided',
  'service-removed/history-shows-its': 'plimsoll history shows its records; plimsoll release takes it up again',
  'service-removed/release-takes-it': 'plimsoll release takes it up again',
  'service-unknown/release-takes': 'plimsoll release takes a service up',
  'service-unnamed/status-server':
    'name one by --contract, or by ?service=NAME&environment=NAME; plimsoll status --server URL lists them',
  'store-not-empty': 'plimsoll store backup OTHER-FOLDER keeps them; then plimsoll store restore {folder} --replace',
  'token-expired': 'ask whoever runs the control plane for a new one: plimsoll token add NAME --role ROLE makes it',
  'token-file-invalid': 'plimsoll token add NAME --role operate --file {file}',
  'token-file-unreadable': 'plimsoll token add NAME --role operate --file {file}',
  'token-not-reviewed/install-kubernetes-service-account-tokens':
    'plimsoll install kubernetes --service-account-tokens adds the ClusterRole; a token of plimsoll token add needs none',
  'token-not-reviewed/token-add-needs': 'try again; a token of plimsoll token add needs no API server',
  'token-unknown/token-add':
    'kubectl create token NAME --audience {audience} makes one; plimsoll token add system:serviceaccount:NAMESPACE:NAME --role ROLE gives the role',
  'token-unknown/token-list-shows':
    'plimsoll token list shows the tokens; plimsoll token add NAME --role ROLE makes one',
  'too-many-labels': 'send them one batch after another, as `plimsoll labels add FILE` does',
  unknown: 'see why: `plimsoll doctor`',
  'unknown-replica+replica-ended+not-isolated': 'plimsoll status',
  'unknown-service': 'plimsoll status',
  'up-running/up-stop': 'let that process end, or end it (plimsoll up --stop); then run the same command again',
  'unknown-model+unknown-data': 'plimsoll {kind} list',
  'model-digest-mismatch+data-digest-mismatch':
    'plimsoll {kind} add FILE --name NAME reads the files and names their digest',
} as const satisfies NextSteps;
