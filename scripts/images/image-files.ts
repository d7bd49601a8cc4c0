import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join, relative } from 'node:path'
import { build } from 'esbuild'
import { bundleOptions, programFolder, TOOLS, tracingOptions } from '../../packages/cli/src/bundling/bundle.ts'
import { type Next, nextRelease } from '../../test/cluster/next/overlay.ts'
import { sbom } from './sbom.ts'

/**
 * Writes the content of the image of a service or a tool to `folder`. `app/` has the bundle, for a service that of OpenTelemetry, their
 * source maps and, in `app/assets`, the package files that `bulkhead.assets` of its package.json lists. `sbom/<service>.cdx.json` has the
 * SBOM. With `next`, the content is the next release, to which tests upgrade (see test/cluster/next).
 */
export async function bundleImage(root: string, service: string, folder: string, next?: Next) {
  const manifestFile = join(root, programFolder(service), 'package.json')
  const { version, bulkhead = {} } = JSON.parse(readFileSync(manifestFile, 'utf8'))
  const overlay = next && nextRelease(root, service, next)
  const options = bundleOptions(root, service)
  const plugins = overlay ? [...options.plugins, overlay] : options.plugins
  const bundles = await Promise.all([
    build({ ...options, metafile: true, plugins }),
    ...(TOOLS.includes(service) ? [] : [build({ ...tracingOptions(root), metafile: true })])
  ])
  const app = join(folder, 'app')
  mkdirSync(app, { recursive: true })
  for (const { path, contents } of bundles.flatMap(({ outputFiles }) => outputFiles))
    writeFileSync(join(app, basename(path)), contents)

  const { resolve: find } = createRequire(manifestFile)
  const assets = ((bulkhead.assets ?? []) as string[]).map(file => find(file))
  for (const file of assets) cpSync(file, join(app, 'assets', basename(file)))

  // Only files in the output count, because esbuild drops modules that nothing uses.
  const outputs = bundles.flatMap(({ metafile }) => Object.values(metafile.outputs))
  const used = new Set(outputs.flatMap(({ inputs }) => Object.keys(inputs)))
  const files = [...used, ...assets.map(file => relative(root, file))]
  const bom = sbom({ root, service, version: next ? `${version}-next` : version, files })
  mkdirSync(join(folder, 'sbom'), { recursive: true })
  writeFileSync(join(folder, 'sbom', `${service}.cdx.json`), `${JSON.stringify(bom, undefined, 2)}\n`)
}
