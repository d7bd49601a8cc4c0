/**
 * Options of V8 with which each service is started: a young generation of 3 × 8 MiB at most instead of 3 × 16, and an old generation that
 * is collected once it has grown by 60 %. Each gains more than 10 % of the row `import: peak memory of catalog` in docs/performance.md. The
 * Dockerfile has the same.
 */
export const NODE_OPTIONS = ['--max-semi-space-size=8', '--heap-growing-percent=60']

/**
 * Bytes of a block that glibc gives back as soon as it is freed (mallopt(3), M_MMAP_THRESHOLD). Without it each thread keeps the 19 MiB that
 * hashing a password takes: identity would hold 125 MiB after some sign-ins instead of 50, over the goal of the row `identity: memory at
 * rest` in docs/performance.md. The Dockerfile has the same.
 */
export const LARGE_BLOCK = String(1024 * 1024)
