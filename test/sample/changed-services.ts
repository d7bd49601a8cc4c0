import { execFileSync } from 'node:child_process'

const COMMITS = 20
const MOST = 3
/** What a service is made of, without what `make generate` writes into every service when a version is raised. */
const OWN_CODE = /^(?:services\/([^/]+)\/(?:src|test)\/|charts\/([^/]+)\/(?:templates\/|values\.yaml$))/

/**
 * The services whose own code changed last, three at most, the latest first. Looks at the commits after `base`, else at the last 20, or at as
 * many as the clone has: the oldest commit of a clone seems to add every file, so it counts for nothing.
 */
export function changedServices(root: string, services: string[], base?: string): string[] {
  const range = base ? [`${base}..HEAD`] : [`--max-count=${COMMITS}`]
  const log = execFileSync('git', ['log', '--format=%x00%P', '--name-only', ...range], { cwd: root, encoding: 'utf8' })
  const files = log.split('\0').slice(1).flatMap(filesOf)
  const names = files.map(file => OWN_CODE.exec(file)).map(found => found?.[1] ?? found?.[2])
  return [...new Set(names)].filter(name => name !== undefined && services.includes(name)).slice(0, MOST) as string[]
}

/** The files of one commit, of which git wrote its parents in a line and then its files. */
function filesOf(commit: string): string[] {
  const [parents, ...files] = commit.split('\n')
  return parents === '' ? [] : files
}
