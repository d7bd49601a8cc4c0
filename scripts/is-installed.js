import { readFileSync } from 'node:fs'

// Exits with 0 when node_modules holds what package-lock.json asks for, by the list that npm keeps of what it installed. Versions of the
// services, which `make release-versions` writes into the lock file, don't count. Plain JavaScript: it runs before there is a Node for TypeScript.
const packagesOf = file => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return {}
  }
}

const installed = packagesOf('node_modules/.package-lock.json')
const wanted = Object.entries(packagesOf('package-lock.json')).filter(([place]) => place.startsWith('node_modules/'))
// An optional package may be one of another platform.
const missing = wanted.filter(([place, { version, optional }]) =>
  installed[place] ? installed[place].version !== version : !optional
)
const places = new Set(wanted.map(([place]) => place))
const superfluous = Object.keys(installed).filter(place => place.startsWith('node_modules/') && !places.has(place))
process.exitCode = missing.length + superfluous.length > 0 ? 1 : 0
