/* Stand-ins for NVIDIA's libraries, for a build without NVIDIA's archives: what tensorflow-gpu 1.0.1
 * binds when it is loaded (12 functions of libcudart), and a driver that finds no device.
 * None of them computes anything. */
#define NO_DEVICE 38            /* cudaErrorNoDevice */
#define CUDA_ERROR_NO_DEVICE 100

int cudaConfigureCall(void) { return NO_DEVICE; }
int cudaGetDeviceCount(int *count) { *count = 0; return NO_DEVICE; }
int cudaGetDeviceProperties(void) { return NO_DEVICE; }
const char *cudaGetErrorString(int error) { (void)error; return "stand-in libcudart: no device"; }
int cudaLaunch(void) { return NO_DEVICE; }
int cudaMemcpyAsync(void) { return NO_DEVICE; }
int cudaSetupArgument(void) { return NO_DEVICE; }
int cudaStreamAddCallback(void) { return NO_DEVICE; }
int cudaStreamQuery(void) { return NO_DEVICE; }
static void *handle;
void **__cudaRegisterFatBinary(void) { return &handle; }
void __cudaRegisterFunction(void) {}
void __cudaUnregisterFatBinary(void) {}

int cuInit(unsigned flags) { (void)flags; return CUDA_ERROR_NO_DEVICE; }
