/** One thing to do next. */
export interface NextStep {
  /** Codes of errors and states that it is for. */
  readonly states: readonly string[];
  /** As it is printed: a command, or a sentence with one. A name in braces is a value, quoted for a shell. */
  readonly command: string;
  /** What it brings about. */
  readonly why: string;
}

/** What is printed as a next step, by the state that it is for. */
export const nextSteps = {
  'waive-golden-of-protocol': {
    states: ['golden-missing', 'evidence-refused', 'replica-refused'],
    command: 'plimsoll release --waive golden --reason TEXT --until 7d',
    why: 'the OpenAI protocol has no tensors, so that no golden outputs can be recorded of it',
  },
  'write-golden': {
    states: ['golden-missing'],
    command: 'write monitoring.golden into the contract, then plimsoll golden record',
    why: 'a replica is admitted by golden outputs',
  },
  'allow-pickle': {
    states: ['model-pickled'],
    command:
      'export it to ONNX or safetensors; if you trust everybody who could write it: plimsoll model add {given} --name {name} --allow-pickle',
    why: 'a pickle runs whatever program it holds, so that somebody has to say that it is trusted',
  },
  'allow-pickle-there': {
    states: ['model-pickled'],
    command:
      'export it to ONNX or safetensors; if you trust everybody who could write it, where the control plane runs: plimsoll model add FILE --name {name} --allow-pickle',
    why: 'what comes with a bundle is taken once the registry of the control plane has it',
  },
  'give-token': {
    states: ['no-credential'],
    command: 'plimsoll token add NAME --role {role} beside `plimsoll up` makes a token; give it by PLIMSOLL_TOKEN',
    why: 'a control plane that is named by an address is asked with a token, also by who started it',
  },
  'sign-in': { states: ['no-credential'], command: 'plimsoll page', why: 'it signs the browser in' },
  'ask-elsewhere': {
    states: ['released-elsewhere'],
    command: 'plimsoll status --server {server}',
    why: 'the control plane that it was released to knows whether it serves',
  },
  'send-by-release': {
    states: ['blob-missing'],
    command:
      'take away --server and PLIMSOLL_SERVER and run the command again, then plimsoll release --server URL, which sends the files',
    why: 'only a release sends files to a control plane elsewhere',
  },
} as const satisfies Readonly<Record<string, NextStep>>;

export type NextStepId = keyof typeof nextSteps;
