import { execFileSync } from 'node:child_process'

const COMMITS = 20
const MOST = 3
/** Matches the files of a service and its chart, except those that `make generate` changes in every service for a new version. */
const OWN_CODE = /^(?:services\/([^/]+)\/(?:src|test)\/|charts\/([^/]+)\/(?:templates\/|values\.yaml$))/

/**
 * Finds the services whose own code changed last, at most three, the latest first. Reads the commits after `base`, or without it the last
 * 20 commits of the clone. Ignores the oldest commit of a clone, which seems to add every file.
 */
export function changedServices(root: string, services: string[], base?: string): string[] {
  const range = base ? [`${base}..HEAD`] : [`--max-count=${COMMITS}`]
  const log = execFileSync('git', ['log', '--format=%x00%P', '--name-only', ...range], { cwd: root, encoding: 'utf8' })
  const files = log.split('\0').slice(1).flatMap(filesOf)
  const names = files.map(file => OWN_CODE.exec(file)).map(found => found?.[1] ?? found?.[2])
  return [...new Set(names)].filter(name => name !== undefined && services.includes(name)).slice(0, MOST) as string[]
}

/** Returns the changed files of a commit; none without parents. `commit` has a line with the parents, then a line for each file. */
function filesOf(commit: string): string[] {
  const [parents, ...files] = commit.split('\n')
  return parents === '' ? [] : files
}
