/**
 * Runs the layer rules over the sources, after proving that they still see: every violation planted under test/planted
 * names the rules that it must trip, and every rule of the configuration must be tripped by some file there.
 */
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.dirname(import.meta.dirname);

interface Cruise {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
    readonly totalCruised: number;
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

function cruise(...folders: readonly string[]): Cruise {
  const run = spawnSync(
    process.execPath,
    [
      'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
      ...folders,
      '--config',
      '.dependency-cruiser.cjs',
      '-T',
      'json',
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  if (run.stdout === '') throw new Error(`dependency-cruiser printed nothing: ${run.stderr}`);
  return JSON.parse(run.stdout) as Cruise;
}

/** Problems in words; none when every planted violation is seen and no rule is blind. */
function plantedProblems(): readonly string[] {
  const { violations, ruleSetUsed } = cruise('test/planted').summary;
  const seen = new Set(violations.map((violation) => `${violation.from} ${violation.rule.name}`));
  const expected = globSync('test/planted/**/*.{ts,tsx}', { cwd: root }).flatMap((file) => {
    const names = /must trip: (.*)/.exec(readFileSync(path.join(root, file), 'utf8'))?.[1]?.split(' ') ?? [];
    return names.map((name) => ({ file: file.split(path.sep).join('/'), name }));
  });
  const tripped = new Set(expected.map(({ name }) => name));
  // The rooms of core share one rule text; one planted file stands for all of them.
  const rules = ruleSetUsed.forbidden.map((rule) => rule.name).filter((name) => !/^core-.*-looks-left$/.test(name));
  return [
    ...expected
      .filter(({ file, name }) => !seen.has(`${file} ${name}`))
      .map(({ file, name }) => `${file} does not trip ${name}`),
    ...rules.filter((name) => !tripped.has(name)).map((name) => `no planted violation for the rule ${name}`),
  ];
}

const planted = plantedProblems();
for (const problem of planted) console.error(`layer rules are blind: ${problem}`);
const { violations, totalCruised } = cruise('src', 'dashboard/src').summary;
for (const violation of violations) {
  const { from, rule, ...rest } = violation;
  console.error(`${from}: ${rule.name} (-> ${'to' in rest ? String(rest.to) : '?'})`);
}
if (totalCruised < 20) console.error(`only ${totalCruised} modules were seen`);
console.log(
  `layer rules: ${totalCruised} modules, ${violations.length} violations, planted violations ${planted.length === 0 ? 'all seen' : 'MISSED'}`,
);
process.exit(planted.length + violations.length > 0 || totalCruised < 20 ? 1 : 0);
