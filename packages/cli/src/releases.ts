import { join } from 'node:path'
import { textOf } from './text-of.ts'

/** A version, and the digest of the sources that it was released with. */
export type Release = { version: string; sources: string }

/** The last release of every service and chart, by name. */
export type Releases = { services: Record<string, Release>; charts: Record<string, Release> }

/** Where the repository keeps its last releases. `make release-versions` writes it. */
export const RELEASES_FILE = 'releases.json'

/** Reads the last releases; there are none in a repository that never made one. */
export function readReleases(root: string): Releases {
  const { services = {}, charts = {} } = JSON.parse(textOf(join(root, RELEASES_FILE)) ?? '{}') as Partial<Releases>
  return { services, charts }
}
