import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { bundleOptions, programFolder } from './bundle.ts'
import { readReleases } from './releases.ts'

/**
 * The tag of the image of a service or a tool. It is the version if the sources are unchanged since the last release, else `<version>-<digest>` with the
 * first 12 hexadecimal digits of the sources' digest, so that a changed service never reuses the tag of a release.
 */
export async function imageVersion(root: string, service: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(root, programFolder(service), 'package.json'), 'utf8'))
  const sources = await sourcesDigest(root, service)
  const { services, tools } = readReleases(root)
  const released = services[service] ?? tools[service]
  const isReleased = released !== undefined && released.version === version && released.sources === sources
  return isReleased ? version : `${version}-${sources.slice('sha256:'.length, 'sha256:'.length + 12)}`
}

/**
 * `sha256:` and the hash of the bundle of a service or a tool, without the version. The bundle includes the chassis and all packages that it
 * uses. OpenTelemetry is part of it here, because `tracingApart` is not among the plugins.
 */
export async function sourcesDigest(root: string, service: string): Promise<string> {
  const options = { ...bundleOptions(root, service), sourcemap: false, plugins: [withoutVersion] }
  const { outputFiles } = await build(options)
  return `sha256:${createHash('sha256').update(outputFiles[0]!.contents).digest('hex')}`
}

const withoutVersion: Plugin = {
  name: 'without-version',
  setup({ onLoad }) {
    onLoad({ filter: /(services|packages)\/[^/]+\/package\.json$/ }, ({ path }) => ({
      contents: JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), version: '' }),
      loader: 'json'
    }))
  }
}
