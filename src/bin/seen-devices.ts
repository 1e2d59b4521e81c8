import type { NodeFacts } from '../core/pool/node-facts.ts';
import type { SeenDevice } from '../schemas/replica/replica-line.ts';

/** What the runtime of containers says of the devices that it let in. */
const variable = 'NVIDIA_VISIBLE_DEVICES';
const uuidPattern = /^(?:GPU|MIG)-[0-9A-Za-z/-]{1,150}$/;
const mostDevices = 64;

/**
 * The accelerators that this process was given; null where it was given none, or cannot tell. UUIDs in the variable are
 * taken as they stand. Where the variable names no device (`void` of CDI, `all`, indexes), the driver is asked.
 */
export async function seeDevices(
  env: Readonly<Record<string, string | undefined>>,
  probe: () => Promise<Pick<NodeFacts, 'devices'>>,
): Promise<readonly SeenDevice[] | null> {
  const visible = env[variable] ?? '';
  if (visible === '' || visible === 'none') return null;
  const named = visible.split(',');
  if (named.length <= mostDevices && named.every((one) => uuidPattern.test(one))) {
    return named.map((uuid) => ({ uuid, product: null, profile: null, parentUuid: null }));
  }
  const { devices } = await probe();
  if (devices === null || devices.length === 0) return null;
  const seen = devices.flatMap(({ uuid, product, mig }): readonly SeenDevice[] =>
    mig?.enabled === true
      ? mig.instances.map((each) => ({ uuid: each.uuid, product, profile: each.profile, parentUuid: uuid }))
      : [{ uuid, product, profile: null, parentUuid: null }],
  );
  return seen.slice(0, mostDevices);
}
