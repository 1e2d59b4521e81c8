import type { NextSteps } from './next-step.ts';

/** What the programs suggest that start and run a service. */
export const programSteps = {
  'addresses-clash': 'plimsoll up {option} {address} takes a free port',
  'control-plane-needed/open-operations': 'plimsoll up, or name the one that runs: plimsoll release --server URL',
  'flag-invalid': 'plimsoll serve-model --help',
  'fleet-pointer-invalid':
    'run `plimsoll up --state FOLDER DIR...` as it was run before, or name the folder of the records by --state',
  'lease-held': 'plimsoll status; if it is starting, run the command again in a moment',
  'option-invalid/control-plane-help': 'plimsoll control-plane --help',
  'option-invalid/fetch-files-help': 'plimsoll fetch-files --help',
  'option-invalid/gateway-help': 'plimsoll gateway --help',
  'option-invalid/up': 'plimsoll up {file} and the folders',
  'option-invalid/up-help': 'plimsoll up --help',
  'option-invalid/up-https-listen': 'plimsoll up --https-listen {address} --tls-cert FILE --tls-key FILE',
  'option-invalid/up-scaler-listen':
    'plimsoll up --scaler-listen HOST:PORT --scaler-client-ca FILE --tls-cert FILE --tls-key FILE',
  'option-invalid/up-stop-keep-serving': 'plimsoll up --stop --keep-serving',
  'option-invalid/up-tls-cert': 'plimsoll up --tls-cert FILE --tls-key FILE',
  'option-missing/fetch-files-help': 'plimsoll fetch-files --help',
  'other-store': 'set DATABASE_URL as it was when `plimsoll up` was run, or plimsoll up --stop and begin with this one',
  'port-taken': 'plimsoll control-plane {option} {address} takes a free port',
  'records-elsewhere/import-records': 'plimsoll up --state {folder} and the folders',
  'records-elsewhere/up-state':
    'plimsoll up --state {folder} and the folders; without {pointerFile} the records in {from} count again',
  'store-gone': 'put {file} back with its -wal and -shm, or plimsoll up --stop to begin anew',
  'token-file-needed': 'plimsoll token add NAME --role operate, or --identities FILE, or listen on 127.0.0.1',
  'up-running/status-shows-it': 'plimsoll status shows it; plimsoll up --stop stops it',
  'up-running/up-running': 'plimsoll up --stop {folder}; then run the same command again',
} as const satisfies NextSteps;
