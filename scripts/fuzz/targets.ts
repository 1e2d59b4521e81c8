import type { FuzzTarget } from './target.ts';
import { contractTarget, lockTarget } from './target-contract.ts';
import { elfTarget, fatbinTarget } from './target-binaries.ts';
import { feastTarget } from './target-feast.ts';
import { ggufTarget, onnxTarget, safetensorsTarget } from './target-models.ts';
import { nvidiaSmiTarget } from './target-nvidia-smi.ts';
import { prometheusTextTarget } from './target-prometheus-text.ts';
import { tarTarget } from './target-tar.ts';
import { bundleManifestTarget, sigstoreTarget } from './targets/bundles.ts';
import { csvTarget, npyTarget, npzTarget, parquetTarget, zstdTarget } from './targets/data.ts';
import { gatewayHttpTarget } from './targets/gateway-http.ts';
import { redactionTarget } from './targets/redaction.ts';

/** Every parser of bytes that come from elsewhere, and the gateway's port for clients. */
export const targets: readonly FuzzTarget[] = [
  elfTarget,
  fatbinTarget,
  safetensorsTarget,
  ggufTarget,
  onnxTarget,
  feastTarget,
  nvidiaSmiTarget,
  prometheusTextTarget,
  tarTarget,
  contractTarget,
  lockTarget,
  csvTarget,
  npyTarget,
  npzTarget,
  parquetTarget,
  zstdTarget,
  bundleManifestTarget,
  sigstoreTarget,
  redactionTarget,
  gatewayHttpTarget,
];

/** Not among the others: they are only for the tests of the fuzzer itself. */
const plantedTargets = (['exception', 'hang', 'memory'] as const).map((fault): FuzzTarget => ({
  parser: `planted-${fault}`,
  bytesAtMost: 64,
  dictionary: [],
  seeds: () => Promise.resolve([new Uint8Array(8)]),
  async run(bytes) {
    const { plantedParser } = await import('./planted-parser.ts');
    return plantedParser(bytes, fault);
  },
}));

export function targetOf(parser: string): FuzzTarget {
  const found = [...targets, ...plantedTargets].find((target) => target.parser === parser);
  if (found !== undefined) return found;
  throw new RangeError(`there is no parser ${parser}; there are ${targets.map((target) => target.parser).join(', ')}`);
}
