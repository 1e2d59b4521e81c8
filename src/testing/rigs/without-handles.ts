import { spawnSync } from 'node:child_process';

/**
 * Calls a function of one of our modules in a process whose file handles are all taken, and returns what it resolves to. What crashes the
 * process is thrown, with its last words.
 *
 * @param module URL of the module. @param call an expression in which `it` is the module.
 */
export function callWithoutHandles(module: URL, call: string): unknown {
  const program = `
    import { openSync } from 'node:fs';
    import 'node:child_process';
    const it = await import(${JSON.stringify(module.href)});
    const print = process.stdout.write.bind(process.stdout);
    print('');
    try { for (;;) openSync('/dev/null', 'r'); } catch {}
    const told = await (${call});
    print(JSON.stringify(told));
    process.exit(0);`;
  const limited = ['-c', 'ulimit -n 60; exec "$@"', 'bash', process.execPath, '--input-type=module', '-e', program];
  const { status, stdout, stderr } = spawnSync('bash', limited, { encoding: 'utf8', timeout: 15_000 });
  if (status !== 0) throw new Error(`it ended with ${status}: ${stderr.trim().slice(-600)}`);
  return JSON.parse(stdout);
}
