/*
 * A libcuda.so.1 of two boards of capability 9.0, for tests where there is none. Device memory is memory of this process. Numbers are
 * those of cuda.h (CUDA 12).
 *
 * FAKE_CUDA: fabric | memory | wrong-copy | wrong-peer | wrong-kernel | hang | crash | slow | busy | old | no-peer. Faults are of device 1,
 * except fabric.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, NO_MEMORY = 2, NO_FABRIC = 802, NOT_SUPPORTED = 801, OLD_PTX = 222, ECC = 214 };
typedef unsigned long long address;

static int current = -1;

static int mode(const char *name) {
  const char *value = getenv("FAKE_CUDA");
  return value != NULL && strcmp(value, name) == 0;
}
/* contexts are 1 + the device */
static int faulty(const char *name) { return mode(name) && current == 1; }

int cuGetErrorName(int code, const char **out) {
  *out = code == NO_MEMORY     ? "CUDA_ERROR_OUT_OF_MEMORY"
         : code == NO_FABRIC   ? "CUDA_ERROR_SYSTEM_NOT_READY"
         : code == OLD_PTX     ? "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"
                               : NULL;
  return *out == NULL ? 1 : OK;
}
int cuInit(unsigned int flags) {
  (void)flags;
  printf("a line that a library prints\n");
  fflush(stdout);
  return mode("fabric") ? NO_FABRIC : OK;
}
int cuDeviceGetCount(int *out) { *out = 2; return OK; }
int cuDeviceGet(int *out, int ordinal) { *out = ordinal; return OK; }
int cuDeviceGetUuid_v2(unsigned char *out, int device) {
  memset(out, 0, 16);
  out[15] = (unsigned char)device;
  return OK;
}
int cuDeviceGetAttribute(int *out, int which, int device) {
  (void)device;
  *out = which == 75 ? 9 : 0;
  return OK;
}
int cuCtxGetCurrent(address *out) { *out = (address)(current + 1); return OK; }
int cuCtxSetCurrent(address context) { current = (int)context - 1; return OK; }
int cuDevicePrimaryCtxRetain(address *out, int device) { *out = (address)(device + 1); return OK; }
int cuDevicePrimaryCtxRelease_v2(int device) { (void)device; return OK; }
int cuCtxSynchronize(void) { return OK; }
int cuCtxEnablePeerAccess(address context, unsigned int flags) { (void)context; (void)flags; return OK; }
int cuDeviceCanAccessPeer(int *out, int from, int to) { (void)from; (void)to; *out = !mode("no-peer"); return OK; }
int cuMemGetInfo_v2(size_t *free_bytes, size_t *total) {
  *total = 64ul << 20;
  *free_bytes = faulty("busy") ? 16ul << 20 : 62ul << 20;
  return OK;
}
int cuMemAlloc_v2(address *out, size_t bytes) {
  if (faulty("memory")) return NO_MEMORY;
  *out = (address)malloc(bytes);
  return OK;
}
int cuMemFree_v2(address memory) { free((void *)memory); return OK; }
int cuMemHostRegister_v2(void *memory, size_t bytes, unsigned int flags) { (void)memory; (void)bytes; (void)flags; return faulty("old") ? NOT_SUPPORTED : OK; }
int cuMemHostUnregister(void *memory) { (void)memory; return OK; }
int cuMemcpyHtoD_v2(address to, const void *from, size_t bytes) {
  while (faulty("hang")) sleep(1000);
  if (faulty("slow")) usleep(20000);
  memcpy((void *)to, from, bytes);
  return OK;
}
int cuMemcpyDtoH_v2(void *to, address from, size_t bytes) {
  if (faulty("slow")) usleep(20000);
  memcpy(to, (void *)from, bytes);
  if (faulty("wrong-copy")) ((char *)to)[bytes / 2] ^= 1;
  return OK;
}
int cuMemcpyPeer(address to, address target, address from, address source, size_t bytes) {
  (void)target; (void)source;
  if (mode("wrong-peer")) memset((void *)to, 0xff, bytes);
  else memcpy((void *)to, (void *)from, bytes);
  return OK;
}
/* A module is the number of its precision. */
int cuModuleLoadData(address *out, const char *ptx) {
  if (faulty("old") && strstr(ptx, ".version 8.1") != NULL) return OLD_PTX;
  *out = strstr(ptx, "e4m3x2") != NULL ? 3 : strstr(ptx, "dp4a") != NULL ? 2 : 1;
  return strstr(ptx, ".entry probe(") == NULL ? 218 : OK;
}
int cuModuleUnload(address loaded) { (void)loaded; return OK; }
int cuModuleGetFunction(address *out, address loaded, const char *name) {
  *out = loaded;
  return strcmp(name, "probe") == 0 ? OK : 500;
}
int cuLaunchKernel(address kernel, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz, unsigned shared,
                   address stream, void **arguments, void **extra) {
  (void)gy; (void)gz; (void)by; (void)bz; (void)shared; (void)stream; (void)extra;
  if (faulty("crash")) abort();
  float *out = (float *)*(address *)arguments[0];
  for (unsigned i = 0; i < gx * bx; i += 1) {
    out[i] = kernel == 3 ? (float)(i % 16) : kernel == 2 ? (float)(4 * (i % 64)) : (float)(2 * (i % 64) + 1);
  }
  if (faulty("wrong-kernel")) out[77] += 1;
  return OK;
}
