import { join } from 'node:path'
import type { BuildOptions, Plugin } from 'esbuild'

/** Optional packages of MongoDB's driver and pino. They are loaded only if they are installed. */
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

/** Defines the names that bundled CommonJS packages use and an ES module lacks. */
const COMMONJS_NAMES = `\
import { createRequire as createRequireOfBundle } from 'node:module'
const require = createRequireOfBundle(import.meta.url)
const __filename = import.meta.filename
const __dirname = import.meta.dirname
`

/** esbuild's options that bundle a program with all its imports into one file for Node 24. */
export const programOptions = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  banner: { js: COMMONJS_NAMES },
  external: OPTIONAL_PACKAGES,
  logLevel: 'silent'
} as const satisfies BuildOptions

/** The programs that have an image and are no services. Each one is a folder of `packages`. */
export const TOOLS = ['load']

/** The folder of a service or a tool, relative to the root. */
export const programFolder = (name: string): string => join(TOOLS.includes(name) ? 'packages' : 'services', name)

/** The entry point of a service or a tool, relative to the root. */
export const entryPoint = (name: string): string => join(programFolder(name), 'src/main.ts')

/** The entry point of the file `tracing.js`, relative to the root. */
export const TRACING = 'packages/chassis/src/tracing/index.ts'

/** Leaves OpenTelemetry out of a service's file. The service imports it from the file `tracing.js` beside its own, if it is traced. */
const tracingApart: Plugin = {
  name: 'tracing-apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/tracing\/index\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: './tracing.js', external: true } : undefined
    )
  }
}

/**
 * esbuild's options that bundle a service into one file. Development, images and the check of versions use them. The same sources give the
 * same bytes in every folder. The file has no fault points, unless `isForFaults`. `tracingOptions` bundle the file that goes beside it.
 */
export function bundleOptions(root: string, service: string, { isForFaults = false } = {}) {
  return {
    ...programOptions,
    absWorkingDir: root,
    // `image` selects files in the chassis' package.json. `module` is esbuild's default, which this list replaces.
    conditions: isForFaults ? ['module'] : ['module', 'image'],
    entryPoints: [entryPoint(service)],
    outfile: 'server.js',
    plugins: [tracingApart],
    // Node keeps the text in memory, so this saves 6 MiB a service. Names stay, and lines are short enough for an editor.
    minifyWhitespace: true,
    lineLimit: 200,
    sourcemap: 'linked',
    sourcesContent: false,
    write: false
  } as const satisfies BuildOptions
}

/** esbuild's options that bundle OpenTelemetry, in the same way for all services. */
export const tracingOptions = (root: string) =>
  ({
    ...bundleOptions(root, ''),
    entryPoints: [TRACING],
    outfile: 'tracing.js'
  }) as const satisfies BuildOptions
