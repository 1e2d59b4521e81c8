import type { NextSteps } from './next-step.ts';

/** What files, processes, stores and connections suggest. */
export const adapterSteps = {
  'backup-invalid': 'plimsoll store verify FOLDER, or take another backup',
  'blobs-quota': 'plimsoll blobs collect --dry-run shows what can go; else raise PLIMSOLL_BLOBS_QUOTA',
  'code-file-missing': 'plimsoll explain {key}',
  'code-image-missing': 'plimsoll explain code.image',
  'command-missing/explain': 'plimsoll explain code.command',
  'contract-missing': 'plimsoll init writes one; or name it with --contract FILE',
  'control-plane-unreachable': 'plimsoll up starts one; plimsoll status says what runs',
  'device-missing': 'plimsoll probe shows the devices; plimsoll explain hardware.sharing',
  'file-corrupt': 'on the machine of the control plane: plimsoll store verify',
  'image-damaged': 'push or save the image again, then plimsoll inspect it again',
  'image-not-pinned': 'plimsoll pin',
  'import-conflict': 'leave its folder out of the command, and run `plimsoll up` in that folder by itself',
  'ledger-fact-unreadable':
    'plimsoll store restore FOLDER brings back a backup; or run the version that wrote the fact',
  'model-corrupt': 'fetch the file again; `plimsoll model verify` finds a corrupt copy in the store',
  'notify-address-invalid': 'plimsoll explain monitoring.notify',
  'notify-rejected': 'mend what that server says, then `plimsoll watch test-notify`',
  'option-invalid/gateway-tls-cert': 'plimsoll gateway --tls-cert FILE --tls-key FILE',
  'parse-overrun': 'send a shorter file, or read it by itself: plimsoll check',
  'plain-http-refused':
    'use https:// (plimsoll up --tls-cert FILE --tls-key FILE), or set PLIMSOLL_PLAIN_HTTP=1 on a network you trust',
  'pool-invalid': 'mv pools/{pool}.json pools/{stated}.json, or take it again: plimsoll pool snapshot {pool} SOURCE...',
  'program-missing+spawn-failed': 'plimsoll explain code.command',
  'rate-limited': 'plimsoll token list shows the tokens that it knows',
  'replica-files-missing': 'name golden data in monitoring.golden, then plimsoll golden record: see docs/kubernetes.md',
  'replica-tls-unset': 'plimsoll status',
  'replica-unreachable': 'plimsoll status',
  'response-invalid': 'plimsoll explain code.protocol, and have the server speak that protocol',
  'replica-unreachable+replica-refused': 'plimsoll status',
  'secret-differs':
    'give one of the two another name: plimsoll secret set NAME KEY --from-file FILE, and `code.secrets` of the contract',
  'secret-missing': 'plimsoll secret set {name} {key} --from-file FILE',
  'secret-not-granted': 'plimsoll secret grant {name} --service {service} --environment {environment}',
  'secret-not-granted/everywhere': 'plimsoll secret grant {name} --service {service}',
  'secret-place-missing': 'plimsoll secret from NAME vault://MOUNT/PATH',
  'secret-reference': 'plimsoll explain code.secrets',
  'secret-variable-ambiguous': 'plimsoll secret set {name} {key} --from-file FILE',
  'server-not-proven':
    'plimsoll status says which process holds the address; use https:// where a proxy or a tunnel stands between',
  'store-outcome-unknown': 'look whether it is there (plimsoll history), and repeat it only when it is not',
  'token-keys-away':
    'let the control plane reach {issuer}, or give its keys by `keys: { file: ... }`; a token of plimsoll token add needs no provider',
  'token-name-taken': 'choose another name, or plimsoll token revoke {name} first',
  'token-unknown/proving-connector': 'plimsoll token list shows the tokens that it knows',
  'too-many-tokens': 'plimsoll token list shows those that have expired; plimsoll token revoke NAME removes one',
} as const satisfies NextSteps;
