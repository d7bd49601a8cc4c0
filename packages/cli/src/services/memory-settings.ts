/**
 * V8 options of each service. The young generation has at most 3 × 8 MiB instead of 3 × 16. The old generation is collected when it has
 * grown by 60 %. Each option saves more than 10 % in the row `import: peak memory of catalog` of docs/performance.md. The Dockerfile has
 * the same options.
 */
export const NODE_OPTIONS = ['--max-semi-space-size=8', '--heap-growing-percent=60']

/**
 * Minimum size in bytes of a block that glibc returns to the system as soon as it is freed (mallopt(3), M_MMAP_THRESHOLD). Otherwise each
 * thread would keep the 19 MiB for hashing a password. After a few sign-ins, identity would hold 125 MiB instead of 50, more than the goal
 * of the row `identity: memory at rest` in docs/performance.md. The Dockerfile has the same setting.
 */
export const LARGE_BLOCK = String(1024 * 1024)
