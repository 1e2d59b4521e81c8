import type { KeyDoc } from './key-doc.ts';

const label = '1 to 63 small letters, digits and hyphens, beginning with a letter and not ending with a hyphen';

export const serviceKeys: readonly KeyDoc[] = [
  {
    key: 'apiVersion',
    meaning: 'Which version of this format the file is written in. There is one.',
    form: '`plimsoll.dev/v1`',
    default: null,
    example: 'plimsoll.dev/v1',
  },
  {
    key: 'service',
    meaning:
      'Name of the inference service that this contract is about. Releases, evidence and events are kept under it.',
    form: label,
    default: null,
    example: 'digits',
  },
  {
    key: 'owner',
    meaning: 'Who answers for the service: a team or a person. Shown on the page and in the reports.',
    form: 'text of at most 100 characters',
    default: 'nobody is named',
    example: 'vision',
  },
  {
    key: 'code',
    meaning:
      'The code axis: what runs, without the model. Preprocessing that lives in these files or in the image belongs to this axis.',
    form: 'a section with `image` or `command`',
    default: null,
    example: '{ command: [plimsoll, serve-model] }',
  },
  {
    key: 'code.image',
    meaning:
      'Container image of the model server; the lock pins its digest. Exactly one of `image` and `command` is written.',
    form: 'an image reference such as `registry.example/digits:2.3.1`',
    default: 'none: `command` says what runs',
    example: 'registry.example/digits:2.3.1',
  },
  {
    key: 'code.command',
    meaning:
      'On the local platform: the program and its first arguments. It must speak `code.protocol` and listen on `${PLIMSOLL_PORT}`. `plimsoll` stands for this installation.',
    form: 'a list of texts, the program first',
    default: 'none: `image` says what runs',
    example: '[plimsoll, serve-model]',
  },
  {
    key: 'code.args',
    meaning:
      'Further arguments, put behind the command or handed to the image. `${PLIMSOLL_...}` is filled in per replica.',
    form: 'a list of texts',
    default: '[]',
    example: "['--max-batch', '16']",
  },
  {
    key: 'code.files',
    meaning:
      'Files and folders beside the contract whose content is part of the digest of the code, and which are laid out for each replica. Only with `command`.',
    form: 'a list of paths below the folder of the contract',
    default: '[]: the command line alone is the code',
    example: '[server.py, lib/]',
  },
  {
    key: 'code.env',
    meaning:
      'Environment variables of every replica. They are part of the digest of the code; secrets do not belong here.',
    form: 'variable names with texts',
    default: '{}',
    example: '{ LOG_LEVEL: info }',
  },
  {
    key: 'code.env.<name>',
    meaning:
      'Value of one environment variable. Numbers and truth values are written in quotes, so that they stay as written.',
    form: 'a text, in quotes when it looks like a number or a truth value',
    default: 'the variable is not set',
    example: 'info',
  },
  {
    key: 'code.secrets',
    meaning:
      'Environment variables whose values come from a secret store when a replica starts. The contract holds references, never values. A secret is given to a service alone that it was granted to: `plimsoll secret grant NAME`.',
    form: 'variable names with references',
    default: '{}',
    example: '{ HF_TOKEN: secret/hf#token }',
  },
  {
    key: 'code.secrets.<name>',
    meaning:
      'Reference to one secret: the store, the path in it, and behind `#` the entry. Only the reference is part of the digest of the code. `secret/NAME#KEY` is a value that `plimsoll secret set NAME KEY` stored, or the variable `PLIMSOLL_SECRET_NAME_KEY` of the control plane, or lies in the store that `plimsoll secret from NAME URL` names. With `secret-file/NAME#KEY` the variable holds the path of a file with the value, which is replaced when the value changes.',
    form: 'a reference such as `secret/hf#token`, never the value itself',
    default: 'the variable is not set',
    example: 'secret/hf#token',
  },
  {
    key: 'code.tls',
    meaning:
      'Replicas speak TLS with the certificate of this secret, and gateways and the control plane verify each other with them. The secret has the keys `tls.crt`, `tls.key` and `ca.crt`, as cert-manager writes them, and is granted like others. The certificate has the DNS name `SERVICE.ENVIRONMENT.plimsoll`, or `SERVICE.plimsoll` for all environments. The built-in server reads it by itself. Other servers find the files by `${PLIMSOLL_TLS_CERT_FILE}`, `${PLIMSOLL_TLS_KEY_FILE}` and `${PLIMSOLL_TLS_CA_FILE}` in `code.args`.',
    form: 'the name of a secret',
    default: 'replicas speak plain HTTP',
    example: 'digits-tls',
  },
  {
    key: 'code.protocol',
    meaning: 'The protocol that replicas speak. The gateway, the golden replay and the health checks use it.',
    form: '`open-inference-v2` or `openai`',
    default: 'open-inference-v2',
    example: 'open-inference-v2',
  },
  {
    key: 'code.signature',
    meaning:
      'What the code sends to the model and what it reads of the answer. `check`, and everything that starts the pair, refuses a model that does not fit, naming the tensor; a model that tells no signature is unknown, and does not pass.',
    form: 'a section with `inputs` and `outputs`',
    default: 'nothing is compared',
    example:
      '{ inputs: [{ name: image, datatype: FP32, shape: [-1, 784] }], outputs: [{ name: probabilities, datatype: FP32, shape: [-1, 10] }] }',
  },
  {
    key: 'code.signature.inputs',
    meaning: 'Every input that the code sends; the model may take no other.',
    form: 'a list of tensors',
    default: null,
    example: '[{ name: image, datatype: FP32, shape: [-1, 784] }]',
  },
  {
    key: 'code.signature.outputs',
    meaning: 'The outputs that the code reads; the model may give more.',
    form: 'a list of tensors',
    default: null,
    example: '[{ name: probabilities, datatype: FP32, shape: [-1, 10] }]',
  },
  {
    key: 'code.signature.inputs[]',
    meaning: 'One input: its name, its datatype and its sizes.',
    form: 'a section with `name`, `datatype` and `shape`',
    default: null,
    example: '{ name: image, datatype: FP32, shape: [-1, 784] }',
  },
  {
    key: 'code.signature.inputs[].name',
    meaning: 'Name of the input, exactly as the model has it.',
    form: 'a text of 1 to 500 characters',
    default: null,
    example: 'image',
  },
  {
    key: 'code.signature.inputs[].datatype',
    meaning: 'Datatype of the input, as the Open Inference Protocol names it.',
    form: '`FP32`, `INT64`, `BYTES`, ...',
    default: null,
    example: 'FP32',
  },
  {
    key: 'code.signature.inputs[].shape',
    meaning: 'Sizes of the input; -1 for one that each request chooses, such as the batch.',
    form: 'a list of whole numbers from -1',
    default: null,
    example: '[-1, 784]',
  },
  {
    key: 'code.signature.outputs[]',
    meaning: 'One output: its name, its datatype and its sizes.',
    form: 'a section with `name`, `datatype` and `shape`',
    default: null,
    example: '{ name: probabilities, datatype: FP32, shape: [-1, 10] }',
  },
  {
    key: 'code.signature.outputs[].name',
    meaning: 'Name of the output, exactly as the model has it.',
    form: 'a text of 1 to 500 characters',
    default: null,
    example: 'probabilities',
  },
  {
    key: 'code.signature.outputs[].datatype',
    meaning: 'Datatype of the output, as the Open Inference Protocol names it.',
    form: '`FP32`, `INT64`, `BYTES`, ...',
    default: null,
    example: 'FP32',
  },
  {
    key: 'code.signature.outputs[].shape',
    meaning: 'Sizes of the output; -1 for one that each request chooses, such as the batch.',
    form: 'a list of whole numbers from -1',
    default: null,
    example: '[-1, 10]',
  },
  {
    key: 'model',
    meaning: 'The model axis: which model is served. It is released and rolled back without touching the code.',
    form: 'a section with `name`',
    default: null,
    example: '{ name: digits, version: candidate }',
  },
  {
    key: 'model.name',
    meaning: 'Name of the model in the model registry and in the paths of the protocol.',
    form: 'letters, digits, `.`, `_` and `-`, at most 128',
    default: null,
    example: 'digits',
  },
  {
    key: 'model.version',
    meaning:
      'Which version to release: an alias, which `plimsoll pin` resolves, or a number. The lock pins the number and the sha256 either way.',
    form: 'an alias such as `candidate` or a number such as `2`',
    default: 'candidate',
    example: 'candidate',
  },
  {
    key: 'model.context',
    meaning:
      'Tokens that one sequence may reach, prompt and answer together. With it the keys and values of the model belong to the memory that a device must hold.',
    form: 'a whole number from 1 to 100,000,000',
    default: "what the model's configuration allows, where it tells that",
    example: '8192',
  },
  {
    key: 'model.concurrency',
    meaning: 'Sequences that one replica serves at once; each keeps `model.context` tokens.',
    form: 'a whole number from 1 to 1,000,000',
    default: '1',
    example: '4',
  },
  {
    key: 'model.precision',
    meaning: 'Precision of the weights as the engine loads them, where that is another than in the file of the model.',
    form: '`fp32`, `fp16`, `bf16`, `fp8`, `fp4`, `mxfp4`, `int8`, `int4`, `awq` or `gptq`',
    default: "what the model's file tells",
    example: 'fp16',
  },
  {
    key: 'maxAge',
    meaning:
      'How long evidence of a kind stays fresh by time alone, counted from its measuring. A moved subject makes it stale sooner.',
    form: 'kinds of evidence with durations',
    default: '{}: time alone makes nothing stale',
    example: '{ evaluation: 30d }',
  },
  {
    key: 'maxAge.<kind>',
    meaning: 'The age at which evidence of this one kind becomes stale, in every environment.',
    form: 'a duration such as `30d`',
    default: 'no limit',
    example: '30d',
  },
  {
    key: 'environments',
    meaning:
      'Where the service runs. Releases, aliases, events and the evidence that depends on hardware are kept per environment.',
    form: 'names with sections',
    default: '{ default: { platform: local } }, or `kubernetes` with `code.image`',
    example: '{ staging: { platform: local } }',
  },
  {
    key: 'environments.<name>',
    meaning: 'One environment. Its name is what `--environment` takes; `all` is kept for "each of them".',
    form: 'a section',
    default: 'there is no such environment',
    example: '{ pool: h100-eu, platform: kubernetes, namespace: vision }',
  },
  {
    key: 'environments.<name>.pool',
    meaning:
      'Name of the pool snapshot: the nodes that the service may land on, and the device classes it is verified against.',
    form: 'letters, digits, `.`, `_` and `-`, at most 128',
    default: 'the nodes that are there: on the local platform this machine',
    example: 'h100-eu',
  },
  {
    key: 'environments.<name>.platform',
    meaning: 'What runs the replicas: processes of this machine, or Deployments of a cluster.',
    form: '`local` or `kubernetes`',
    default: 'local with `code.command`, kubernetes with `code.image`',
    example: 'kubernetes',
  },
  {
    key: 'environments.<name>.namespace',
    meaning:
      'Kubernetes namespace of this environment. Only with the platform `kubernetes`. A control plane that runs replicas in another one refuses the release.',
    form: label,
    default: 'the namespace of the credentials in use',
    example: 'vision',
  },
  {
    key: 'environments.<name>.selector',
    meaning: 'Node labels that a replica asks for. Only with the platform `kubernetes`.',
    form: 'label names with texts',
    default: '{}: any node of the pool',
    example: '{ pool: gpu }',
  },
  {
    key: 'environments.<name>.selector.<label>',
    meaning: 'The value that this one node label must have.',
    form: 'a text, in quotes when it looks like a number or a truth value',
    default: 'the label is not asked for',
    example: 'gpu',
  },
  {
    key: 'environments.<name>.runtimeClass',
    meaning:
      'RuntimeClass of replicas that take accelerators, on nodes whose containerd starts other pods by runc (K3s and RKE2 as they are set up). Only with the platform `kubernetes` and `hardware.accelerator: nvidia`.',
    form: 'the name of a RuntimeClass of the cluster',
    default: 'none: the default runtime of the node',
    example: 'nvidia',
  },
];
