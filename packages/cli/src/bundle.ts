import { join } from 'node:path'
import type { BuildOptions } from 'esbuild'

/** Packages that the mongodb driver loads when they are installed and does without otherwise. */
const OPTIONAL_PACKAGES = [
  '@aws-sdk/credential-providers',
  '@mongodb-js/zstd',
  'aws4',
  'gcp-metadata',
  'kerberos',
  'mongodb-client-encryption',
  'snappy',
  'socks',
  'pino-pretty'
]

/** CommonJS packages in an ES module still call `require` and read `__dirname`. */
const COMMONJS_NAMES = `\
import { createRequire as createRequireOfBundle } from 'node:module'
const require = createRequireOfBundle(import.meta.url)
const __filename = import.meta.filename
const __dirname = import.meta.dirname
`

/** esbuild's options that make one file of a program and all it imports, for Node 24. */
export const programOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: { js: COMMONJS_NAMES },
  external: OPTIONAL_PACKAGES,
  logLevel: 'silent'
} as const satisfies BuildOptions

/** The file that a service starts with, below the root. */
export const entryPoint = (service: string): string => join('services', service, 'src/main.ts')

/**
 * esbuild's options that make one file of a service. The same sources give the same bytes, wherever the repository lies. Development,
 * images and the check of versions all use this. The file has no fault points, unless `isForFaults`.
 */
export function bundleOptions(root: string, service: string, { isForFaults = false } = {}) {
  return {
    ...programOptions,
    absWorkingDir: root,
    // `image` is in the chassis's package.json. `module` is esbuild's own, and would be lost.
    conditions: isForFaults ? ['module'] : ['module', 'image'],
    entryPoints: [entryPoint(service)],
    outfile: 'server.js',
    // Node keeps the text in memory: 6 MiB less a service. Names stay, and lines that an editor can show.
    minifyWhitespace: true,
    lineLimit: 200,
    sourcemap: 'linked',
    sourcesContent: false,
    write: false
  } as const satisfies BuildOptions
}
