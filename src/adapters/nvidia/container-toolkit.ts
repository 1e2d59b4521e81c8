import { runBounded } from './bounded-program.ts';
import { findOnPath } from './find-on-path.ts';

const toolkitTimeoutMs = 5000;
const mostBytes = 64 * 1024;

/** The programs of the NVIDIA container toolkit, and the line of `--version` that names it. */
const programs = [
  { name: 'nvidia-ctk', version: /\bversion\s+v?(\d+(?:\.\d+){1,3}\S*)/ },
  { name: 'nvidia-container-cli', version: /^cli-version:\s*v?(\d+(?:\.\d+){1,3}\S*)/m },
];

export async function readContainerToolkit(
  searchPath: string,
  signal: AbortSignal,
): Promise<{ readonly version: string } | { readonly reason: string }> {
  const reasons: string[] = [];
  for (const { name, version } of programs) {
    const program = await findOnPath(name, searchPath);
    if (program === null) continue;
    const end = await runBounded(program, ['--version'], { timeoutMs: toolkitTimeoutMs, mostBytes, signal });
    if (end.kind === 'failed') {
      reasons.push(`${name}: ${end.reason}`);
      continue;
    }
    const match = version.exec(new TextDecoder().decode(end.out));
    if (match?.[1] !== undefined) return { version: match[1] };
    reasons.push(`${name} --version tells no version`);
  }
  const names = programs.map(({ name }) => name).join(' nor ');
  return { reason: reasons.length === 0 ? `neither ${names} is on PATH` : reasons.join('; ') };
}
