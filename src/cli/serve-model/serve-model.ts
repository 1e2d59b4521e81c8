import type { CliCommand } from '../command.ts';

/** Flag, form, meaning; each is also a key of server.yaml in camel case, except model, version and config. */
const flags = [
  ['model', 'name=path', 'the model: a .onnx file, a folder with one, or a folder with numbered folders of one each'],
  ['version', 'n', 'version of that model (default: 1, or the highest numbered folder)'],
  ['host', 'address', 'address to listen on (default: 127.0.0.1)'],
  ['port', 'n', 'port to listen on, 0 for any free one (default: 9000)'],
  ['max-batch', 'rows', 'largest batch that is formed of several requests; 1 turns batching off (default: 64)'],
  ['max-delay', 'duration', 'how long a request waits for others to share its batch (default: 0ms)'],
  ['queue', 'n', 'requests that may wait; more are answered 429 (default: 1024)'],
  ['deadline', 'duration', 'for requests without plimsoll-deadline-ms (default: 30s)'],
  ['threads', 'n', 'threads of one inference (default: the cores less one)'],
  ['drain-timeout', 'duration', 'how long SIGTERM waits for requests in flight (default: 20s)'],
  ['max-body', 'size', 'larger request bodies are answered 413 (default: 32MiB)'],
  ['headers-timeout', 'duration', 'for the headers of a request to arrive (default: 10s)'],
  ['body-timeout', 'duration', 'for a whole request to arrive (default: 30s)'],
  ['config', 'file', 'YAML with these settings: maxBatch: 32, maxDelay: 2ms, ...'],
] as const;

export const command: CliCommand = {
  configure(command) {
    for (const [name, form, meaning] of flags) command.option(`--${name} <${form}>`, meaning);
  },
  examples: [
    [
      'plimsoll serve-model --model digits=model.onnx --port 9000',
      'serve one ONNX file by the Open Inference Protocol',
    ],
    [
      'plimsoll serve-model --model digits=models --version 2',
      'serve models/2/model.onnx; load others by the repository extension',
    ],
    [
      'plimsoll serve-model --model digits=model.onnx --contract plimsoll.yaml',
      'load weights only where the pinned contract holds on this node',
    ],
    [
      'plimsoll serve-model --config server.yaml',
      'as a platform starts it: the model comes from PLIMSOLL_MODEL_... variables',
    ],
  ],
  async run(context, { options }) {
    // --contract and --environment, which every command has, make it check this node first.
    const names = [...flags.map(([name]) => name), 'contract', 'environment'];
    const args = names.flatMap((name) => {
      const value = options[name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())];
      return typeof value === 'string' ? [`--${name}`, value] : [];
    });
    return { exit: await context.runProgram('model-server', args), json: {}, text: '' };
  },
};
