import type { ServiceDemands } from '../../core/hardware/compatibility.ts';
import type { WhatIf } from '../../core/hardware/what-if/what-if.ts';
import type { ProvingPorts } from '../ports.ts';

/** Another image is inspected as it is now, under the reference that was given. */
export async function changeDemands(
  context: Pick<ProvingPorts, 'imageInspector' | 'signal'>,
  demands: ServiceDemands,
  { image }: WhatIf,
): Promise<ServiceDemands> {
  if (image === undefined) return demands;
  const inspector = await context.imageInspector();
  return { ...demands, image: await inspector.inspect(image, { signal: context.signal }) };
}
