import { readFileSync } from 'node:fs'

// Exits with 0 if node_modules has the packages of package-lock.json, by npm's own list of installed packages. Ignores the versions of
// services, which `make release-versions` writes into the lock file. Plain JavaScript, because it runs before there is a Node that can run
// TypeScript.
const packagesOf = file => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return {}
  }
}

const installed = packagesOf('node_modules/.package-lock.json')
const wanted = Object.entries(packagesOf('package-lock.json')).filter(([place]) => place.startsWith('node_modules/'))
// An optional package may be for another platform.
const missing = wanted.filter(([place, { version, optional }]) =>
  installed[place] ? installed[place].version !== version : !optional
)
const places = new Set(wanted.map(([place]) => place))
const superfluous = Object.keys(installed).filter(place => place.startsWith('node_modules/') && !places.has(place))
process.exitCode = missing.length + superfluous.length > 0 ? 1 : 0
