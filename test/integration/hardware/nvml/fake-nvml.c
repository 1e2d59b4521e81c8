/*
 * A libnvidia-ml.so.1 of two boards, for tests where there is none: an A100-SXM4-40GB with three MIG instances, and a board
 * that fell off the bus. Layouts and numbers are those of nvml.h (CUDA 12).
 *
 * FAKE_NVML: mismatch | hang | crash | noisy | root | virtual | sick. Without it the caller is not root.
 * FAKE_NVML_OLD is compiled without what a 525 driver lacks.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OK = 0, INVALID = 2, NOT_SUPPORTED = 3, NO_PERMISSION = 4, NOT_FOUND = 6, LOST = 15, MISMATCH = 18, VERSION = 25 };

typedef void *handle;
typedef unsigned int uint;
typedef unsigned long long ulong64;

#define BOARD ((handle)0x1000)
#define INSTANCE(n) ((handle)(0x2000 + (n)))
#define GPU_INSTANCE(n) ((handle)(0x3000 + (n)))
#define NUMBER(h) ((int)((unsigned long)(h) & 0xfff))
#define IS_INSTANCE(h) (((unsigned long)(h) & ~0xffful) == 0x2000)

static int mode(const char *name) {
  const char *value = getenv("FAKE_NVML");
  return value != NULL && strcmp(value, name) == 0;
}

static int copy(char *out, uint length, const char *text) {
  if (length <= strlen(text)) return 7;
  strcpy(out, text);
  return OK;
}

/* instance: profile, uuid, multiprocessors, MiB, GPU instance, start, size */
static const struct {
  const char *profile, *uuid;
  uint multiprocessors;
  ulong64 mebibytes;
  uint id, start, size;
} instances[] = {
    {"3g.20gb", "MIG-aaaaaaaa-0000-0000-0000-000000000000", 42, 19968, 1, 4, 4},
    {"1g.5gb", "MIG-bbbbbbbb-0000-0000-0000-000000000000", 14, 4864, 9, 0, 1},
    {"1g.5gb+me", "MIG-cccccccc-0000-0000-0000-000000000000", 14, 4864, 10, 2, 1},
};

int nvmlInit_v2(void) {
  if (mode("mismatch")) return MISMATCH;
  if (mode("crash")) abort();
  if (mode("noisy")) {
    printf("a line that a library prints\n");
    fflush(stdout);
  }
  while (mode("hang")) sleep(1000);
  return OK;
}
int nvmlShutdown(void) { return OK; }
int nvmlSystemGetDriverVersion(char *out, uint length) { return copy(out, length, "570.148.08"); }
int nvmlSystemGetCudaDriverVersion_v2(int *out) { *out = 12080; return OK; }
int nvmlDeviceGetCount_v2(uint *out) { *out = 2; return OK; }

int nvmlDeviceGetHandleByIndex_v2(uint index, handle *out) {
  if (index == 1) return LOST;
  *out = BOARD;
  return OK;
}

int nvmlDeviceGetName(handle device, char *out, uint length) {
  char name[96] = "NVIDIA A100-SXM4-40GB";
  if (IS_INSTANCE(device)) sprintf(name + strlen(name), " MIG %s", instances[NUMBER(device)].profile);
  return copy(out, length, name);
}
int nvmlDeviceGetUUID(handle device, char *out, uint length) {
  return copy(out, length, IS_INSTANCE(device) ? instances[NUMBER(device)].uuid : "GPU-11111111-2222-3333-4444-555555555555");
}
int nvmlDeviceGetBrand(handle device, uint *out) { *out = 14; return OK; }
int nvmlDeviceGetArchitecture(handle device, uint *out) { *out = 7; return OK; }

struct pci { char legacy[16]; uint domain, bus, device, deviceId, subsystemId; char busId[32]; };
int nvmlDeviceGetPciInfo_v3(handle device, struct pci *out) {
  memset(out, 0, sizeof *out);
  out->bus = 6;
  out->deviceId = 0x20B010DE;
  strcpy(out->legacy, "0000:06:00.0");
  strcpy(out->busId, "00000000:06:00.0");
  return OK;
}

struct memory { ulong64 total, free, used; };
int nvmlDeviceGetMemoryInfo(handle device, struct memory *out) {
  out->total = (40960ull << 20) + 65536; /* more than whole mebibytes */
  out->used = out->free = 0;
  return OK;
}
#ifndef FAKE_NVML_OLD
struct memory_v2 { uint version; ulong64 total, reserved, free, used; };
int nvmlDeviceGetMemoryInfo_v2(handle device, struct memory_v2 *out) {
  if (out->version != (sizeof *out | (2u << 24))) return VERSION;
  out->total = (40960ull << 20) + 65536;
  out->reserved = 518ull << 20;
  return OK;
}
int nvmlDeviceGetCurrentClocksEventReasons(handle device, ulong64 *out) { *out = 0x1 | 0x4 | 0x40; return OK; }
#endif
int nvmlDeviceGetCurrentClocksThrottleReasons(handle device, ulong64 *out) { *out = 0x1; return OK; }

int nvmlDeviceGetCudaComputeCapability(handle device, int *major, int *minor) { *major = 8; *minor = 0; return OK; }
int nvmlDeviceGetEccMode(handle device, uint *current, uint *pending) { *current = 1; *pending = !mode("sick"); return OK; }
int nvmlDeviceGetEnforcedPowerLimit(handle device, uint *out) { return NOT_SUPPORTED; }
int nvmlDeviceGetCurrPcieLinkGeneration(handle device, uint *out) { *out = 1; return OK; }
int nvmlDeviceGetMaxPcieLinkGeneration(handle device, uint *out) { *out = 4; return OK; }
int nvmlDeviceGetCurrPcieLinkWidth(handle device, uint *out) { *out = 16; return OK; }
/* nvmlDeviceGetMaxPcieLinkWidth is left out: a driver that lacks a function. */

int nvmlDeviceGetMigMode(handle device, uint *current, uint *pending) { *current = *pending = 1; return OK; }
int nvmlDeviceGetMaxMigDeviceCount(handle device, uint *out) { *out = 7; return OK; }
int nvmlDeviceGetMigDeviceHandleByIndex(handle device, uint index, handle *out) {
  if (index >= 3) return NOT_FOUND;
  *out = INSTANCE(index);
  return OK;
}

struct attributes { uint multiprocessors, copy, decoder, encoder, jpeg, ofa, gpuSlices, computeSlices; ulong64 mebibytes; };
int nvmlDeviceGetAttributes_v2(handle device, struct attributes *out) {
  if (!IS_INSTANCE(device)) return INVALID;
  memset(out, 0, sizeof *out);
  out->multiprocessors = instances[NUMBER(device)].multiprocessors;
  out->mebibytes = instances[NUMBER(device)].mebibytes;
  return OK;
}
int nvmlDeviceGetGpuInstanceId(handle device, uint *out) { *out = instances[NUMBER(device)].id; return OK; }
int nvmlDeviceGetGpuInstanceById(handle device, uint id, handle *out) {
  if (!mode("root")) return NO_PERMISSION;
  for (int n = 0; n < 3; n++)
    if (instances[n].id == id) {
      *out = GPU_INSTANCE(n);
      return OK;
    }
  return NOT_FOUND;
}

struct gpu_instance { handle device; uint id, profile, start, size; };
int nvmlGpuInstanceGetInfo(handle instance, struct gpu_instance *out) {
  out->device = BOARD;
  out->id = instances[NUMBER(instance)].id;
  out->profile = 0;
  out->start = instances[NUMBER(instance)].start;
  out->size = instances[NUMBER(instance)].size;
  return OK;
}

/* State: what newer drivers tell beside the class of a board. */
int nvmlDeviceGetComputeMode(handle device, uint *out) { *out = mode("sick") ? 3 : 0; return OK; }
int nvmlDeviceGetPersistenceMode(handle device, uint *out) { *out = !mode("sick"); return OK; }
int nvmlDeviceGetVirtualizationMode(handle device, uint *out) { *out = mode("virtual") ? 2 : 0; return OK; }
int nvmlDeviceGetRemappedRows(handle device, uint *correctable, uint *uncorrectable, uint *pending, uint *failed) {
  *correctable = 1;
  *uncorrectable = 0;
  *pending = mode("sick");
  *failed = 0;
  return OK;
}
struct field { uint id, scope; long long times[2]; uint type, answer; ulong64 value; };
int nvmlDeviceGetFieldValues(handle device, int count, struct field *fields) {
  if (count != 1 || fields->id != 230) return INVALID;
  fields->answer = OK;
  fields->value = mode("sick");
  return OK;
}
int nvmlDeviceGetNvLinkState(handle device, uint link, uint *out) {
  if (link >= 12) return INVALID;
  *out = link == 3;
  return OK;
}
struct feature { uint code, state; char info[128], product[128]; uint enabled, expiry[4]; };
struct features { int supported; uint count; struct feature features[3]; };
int nvmlDeviceGetGridLicensableFeatures_v4(handle device, struct features *out) {
  out->supported = 1;
  out->count = 2;
  out->features[1].state = 1;
  return OK;
}
#ifndef FAKE_NVML_OLD
struct fabric2 { uint version; unsigned char cluster[16]; uint status, clique; unsigned char state; uint health; };
int nvmlDeviceGetGpuFabricInfoV(handle device, struct fabric2 *out) {
  if (out->version != (sizeof(struct fabric2) | 2 << 24)) return VERSION;
  out->status = OK;
  out->state = 3;
  out->health = mode("sick") ? 1 : 2;
  return OK;
}
#else
struct fabric1 { unsigned char cluster[16]; uint status, clique; unsigned char state; };
int nvmlDeviceGetGpuFabricInfo(handle device, struct fabric1 *out) {
  out->status = 999;
  out->state = 3;
  return OK;
}
#endif
