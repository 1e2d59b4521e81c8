import type { ArtifactSignatures } from '../../../ports/artifacts/artifact-signatures.ts';
import type { Clock } from '../../../ports/process/clock.ts';

interface Parts {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** Reads signatures with the credentials of the environment. What reads them is loaded when a policy asks for the first. */
export function openArtifactSignatures(parts: Parts): ArtifactSignatures {
  let opened: Promise<ArtifactSignatures> | undefined;
  const open = (): Promise<ArtifactSignatures> => (opened ??= load(parts));
  return {
    ofImage: async (...asked) => (await open()).ofImage(...asked),
    ofModel: async (...asked) => (await open()).ofModel(...asked),
  };
}

async function load({ env, clock }: Parts): Promise<ArtifactSignatures> {
  const [{ makeArtifactSignatures }, { registryTimes }] = await Promise.all([
    import('../../../adapters/oci/signatures/artifact-signatures.ts'),
    import('../../../adapters/oci/registry/registry-http.ts'),
  ]);
  return makeArtifactSignatures({ clock, env, plainHttp: env['PLIMSOLL_PLAIN_HTTP'] === '1', times: registryTimes });
}
