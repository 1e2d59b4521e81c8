import { readFileSync } from 'node:fs';

/** What 40 modules of @stdlib find out about the engine, as it stands in every Node. */
const knownOfNode: Readonly<Record<string, string>> = {
  'utils-define-nonenumerable-read-only-property': '(to, name, value) => Object.defineProperty(to, name, { value })',
  'array-float64': 'Float64Array',
  'array-uint8': 'Uint8Array',
  'array-uint16': 'Uint16Array',
  'array-uint32': 'Uint32Array',
};

/** A module of @stdlib in the form that needs no wrapper: 340 wrappers take longer to run than `check` needs for a gate. */
export function readStdlibModule(file: string): string {
  const known = knownOfNode[/@stdlib[\\/]([^\\/]+)/.exec(file)?.[1] ?? ''];
  if (known !== undefined) return `export default ${known};`;
  const taken = readFileSync(file, 'utf8')
    .replace(/^var (\w+) = require\( '([^']+)' \);/gm, "import $1 from '$2';")
    .replace(/^var (\w+) = require\( '([^']+)' \)(\.\w+);/gm, "import $1Whole from '$2';\nvar $1 = $1Whole$3;")
    .replace(/^module\.exports = (\w+);/m, 'export default $1;');
  const left = /^[^*/\n]*\b(?:require\(|exports\b).*/m.exec(taken);
  if (left !== null) throw new Error(`${file} has a line whose form is not known here: ${left[0]}`);
  return taken;
}
