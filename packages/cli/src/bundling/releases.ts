import { join } from 'node:path'
import { readOptionalFile } from '../files/optional-file.ts'

/** A released version and the digest of its sources. */
export type Release = { version: string; sources: string }

/** The last release of every service, tool and chart, by name. */
export type Releases = {
  services: Record<string, Release>
  tools: Record<string, Release>
  charts: Record<string, Release>
}

/** The file with the last releases. `make release-versions` writes it. */
export const RELEASES_FILE = 'releases.json'

/** Reads the last releases. They are empty in a repository without the file. */
export function readReleases(root: string): Releases {
  const {
    services = {},
    tools = {},
    charts = {}
  } = JSON.parse(readOptionalFile(join(root, RELEASES_FILE)) ?? '{}') as Partial<Releases>
  return { services, tools, charts }
}
