import { compareVersions } from '../../units/quantity/quantity-version-range.ts';
import {
  brokenPeers,
  nvLinkProducts,
  nvSwitchProducts,
  openModuleProducts,
  openModuleProductsOf,
  openModulesFrom,
  openModulesNotBelow,
} from '../tables/device-states.ts';
import { capabilityNumber, versionOf } from './numbers.ts';
import type { UnitFacts } from './unit-facts.ts';

/*
 * What rules ask of a product. Their facets hold these answers, so that boards whose names differ are asked about together.
 */

const behindNvSwitch = new RegExp(nvSwitchProducts);
const withNvLink = new RegExp(nvLinkProducts);
const openProducts = new RegExp(openModuleProducts);
const openFrom = capabilityNumber(openModulesFrom) ?? 0;
/** Open modules drive no board of a lower capability. */
export const openNotBelow = capabilityNumber(openModulesNotBelow) ?? 0;
/** The capability at which the product decides whether open modules are needed. */
export const openProductsOf = capabilityNumber(openModuleProductsOf) ?? 0;
const readBrokenPeers = brokenPeers.map((row) => ({
  row,
  product: new RegExp(row.product),
  before: versionOf(row.beforeDriver) ?? [],
}));

export const isNvSwitchProduct = (product: string | null): boolean => product !== null && behindNvSwitch.test(product);

export const isBehindNvSwitch = ({ product }: UnitFacts): boolean => isNvSwitchProduct(product);

/** NVLink as it was read, else by the product. */
export const hasNvLink = ({ state, product }: UnitFacts): boolean =>
  state.nvlink === undefined ? withNvLink.test(product ?? '') : state.nvlink === 'active';

/** A driver that offers peer access which hangs; undefined where none is known of the product. */
export const brokenPeersOf = ({ product, driver }: UnitFacts): (typeof brokenPeers)[number] | undefined =>
  readBrokenPeers.find(
    (each) => each.product.test(product ?? '') && driver !== null && compareVersions(driver, each.before) < 0,
  )?.row;

export const needsOpen = ({ capability, product }: UnitFacts): boolean =>
  (capability !== null && capability >= openFrom) || openProducts.test(product ?? '');

/** Whether only one flavour of the kernel module drives the device; false also where its capability is not known. */
export const needsOneFlavour = (unit: UnitFacts): boolean =>
  needsOpen(unit) || (unit.capability !== null && unit.capability < openNotBelow);
