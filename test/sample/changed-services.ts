import { execFileSync } from 'node:child_process'

const COMMITS = 20
const MOST = 3
/** The files of a service and its chart, without those that `make generate` writes into every service when a version is raised. */
const OWN_CODE = /^(?:services\/([^/]+)\/(?:src|test)\/|charts\/([^/]+)\/(?:templates\/|values\.yaml$))/

/**
 * The services whose own code changed last, three at most, the latest first. Looks at the commits after `base`, or without it at the
 * last 20 that the clone has. Ignores the oldest commit of a clone, which seems to add every file.
 */
export function changedServices(root: string, services: string[], base?: string): string[] {
  const range = base ? [`${base}..HEAD`] : [`--max-count=${COMMITS}`]
  const log = execFileSync('git', ['log', '--format=%x00%P', '--name-only', ...range], { cwd: root, encoding: 'utf8' })
  const files = log.split('\0').slice(1).flatMap(filesOf)
  const names = files.map(file => OWN_CODE.exec(file)).map(found => found?.[1] ?? found?.[2])
  return [...new Set(names)].filter(name => name !== undefined && services.includes(name)).slice(0, MOST) as string[]
}

/** The changed files of one commit: git writes a line with its parents, then a line for each file. None for a commit without parents. */
function filesOf(commit: string): string[] {
  const [parents, ...files] = commit.split('\n')
  return parents === '' ? [] : files
}
