import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CliCommand, CommandInput, CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { addInspectFileOptions } from './inspect-file-options.ts';

export const command: CliCommand = {
  configure: (command: Command) => {
    command
      .argument('<image-or-file>', 'a container image, or the file or folder of a model')
      .option('--platform <os/architecture>', 'of an image: the platform to read (default: linux/amd64)')
      .option('--no-cache', 'of an image: read every layer again, and keep nothing')
      .option('--plain-http', 'of an image: allow http to a registry of another machine');
    addInspectFileOptions(command);
    command.addHelpText('after', imageForms);
  },
  examples: [
    ['plimsoll inspect registry.example/digits:2.3.1', 'CUDA, libraries and kernels inside an image of a registry'],
    ['plimsoll inspect oci:build/image:latest --json', 'the same of an OCI layout folder, for a program'],
    ['plimsoll inspect docker-archive:digits.tar', 'the same of what `docker save` wrote'],
    ['plimsoll inspect model.onnx', 'format, weights and accelerator memory of a model file'],
  ],
  run: async (context, input) => {
    const named = input.args[0] ?? '';
    const file = await modelFileOf(context, named);
    if (file !== null) return (await import('./inspect-file.ts')).inspectFile(context, file, input);
    return inspectImage(context, named, input);
  },
};

const imageForms = `
An image is named as
  registry.example/name:tag, registry.example/name@sha256:DIGEST   credentials as \`docker login\` left them
  oci:FOLDER, oci:FOLDER:TAG                                        an OCI image layout
  docker-archive:FILE, docker-archive:FILE:TAG, FILE.tar            an archive of \`docker save\`
`;

/** What is there as a file or folder is a model, unless it is an image layout or an archive. */
async function modelFileOf({ cwd }: CliContext, named: string): Promise<string | null> {
  const place = path.resolve(cwd, named);
  const found = await stat(place).catch(() => null);
  if (found === null || named.endsWith('.tar')) return null;
  const isLayout = found.isDirectory() && (await stat(path.join(place, 'oci-layout')).catch(() => null)) !== null;
  return isLayout ? null : named;
}

async function inspectImage(context: CliContext, named: string, { options }: CommandInput): Promise<CommandResult> {
  const platform = options['platform'];
  if (platform !== undefined && typeof platform !== 'string') {
    throw new PlimsollError({ code: 'option-invalid', category: 'input', message: '--platform needs a value' });
  }
  const [{ imageText }, { imageProgress }, inspector] = await Promise.all([
    import('./inspect-image-text.ts'),
    import('./inspect-image-progress.ts'),
    context.imageInspector({ cache: options['cache'] !== false, plainHttp: options['plainHttp'] === true }),
  ]);
  const facts = await inspector.inspect(named, {
    signal: context.signal,
    progress: imageProgress(context),
    ...(platform === undefined ? {} : { platform }),
  });
  return { exit: 0, json: { image: named, facts }, text: imageText(facts, named, context.terminal.colour) };
}
