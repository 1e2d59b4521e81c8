/**
 * How a gateway process is started, by the supervisor and by the benchmarks alike. A bounded young generation keeps the
 * resident memory of a busy proxy near its working set: short-lived requests otherwise let V8 grow it to 3 x 16 MB and
 * more before it collects (measured: a bare undici proxy 204 MB without, 99-120 MB with a bound).
 */
export const gatewayNodeFlags: readonly string[] = ['--max-semi-space-size=8', '--max-old-space-size=512'];
