import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'
import { bundleOptions } from '../packages/cli/src/bundle.ts'

/** What release.json of a service holds: a version, and the code it stands for. */
export type Release = { version: string; bundle: string }

/**
 * The release that a service's sources make now. Its version is that of package.json, or the next patch where git's HEAD has that version
 * for other code: so a version is raised once a commit, however often the code changes until then. Without git, no version is raised.
 */
export async function nextRelease(root: string, service: string): Promise<Release> {
  const { version } = JSON.parse(readFileSync(join(root, 'services', service, 'package.json'), 'utf8')) as Release
  const bundle = await bundleDigest(root, service)
  const committed = committedRelease(root, service)
  const isTaken = committed?.version === version && committed.bundle !== bundle
  return { version: isTaken ? nextPatch(version) : version, bundle }
}

/** The digest of a service's bundle but for its version and its contract, which holds the version and is made of the same code. */
async function bundleDigest(root: string, service: string): Promise<string> {
  const { outputFiles } = await build({ ...bundleOptions(root, service), sourcemap: false, plugins: [withoutVersion] })
  return `sha256:${createHash('sha256').update(outputFiles[0]!.contents).digest('hex')}`
}

const withoutVersion: Plugin = {
  name: 'without-version',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /\/contract\.json$/ }, ({ path }) => ({ path, external: true }))
    onLoad({ filter: /services\/[^/]+\/package\.json$/ }, ({ path }) => ({
      contents: JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), version: '' }),
      loader: 'json'
    }))
  }
}

/** Undefined where there is no git, no commit, or no such service in it. */
function committedRelease(root: string, service: string): Release | undefined {
  try {
    const file = `HEAD:./services/${service}/release.json`
    return JSON.parse(
      execFileSync('git', ['show', file], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    )
  } catch {
    return undefined
  }
}

/** `1.2.4` for `1.2.3`. */
export const nextPatch = (version: string) => version.replace(/\d+$/, patch => String(Number(patch) + 1))
