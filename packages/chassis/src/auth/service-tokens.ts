import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '../core/index.ts'

/** How long a token is cached, in milliseconds. Kubernetes replaces the file long before its token expires. */
const CACHE_MS = 30_000
/** A DNS label (RFC 1123, section 2.1), so that no name is a path out of the folder. */
const TARGET = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Returns a function that reads the token for calls to the service `target` from the file `<folder>/<target>`, such as a projected service
 * account token. It reads the file again after 30 seconds. It rejects with an `Error` if `target` is not a service's name, or if the file is
 * missing or empty.
 */
export function serviceTokens(folder: string, clock: Clock = systemClock): (target: string) => Promise<string> {
  const cache = new Map<string, { token: Promise<string>; until: number }>()
  return async target => {
    const now = clock.now().getTime()
    const cached = cache.get(target)
    if (cached && now < cached.until) return cached.token
    if (!TARGET.test(target)) throw new Error(`${JSON.stringify(target)} is not the name of a service`)
    // Calls at the same time share one read, so no earlier read ends after a later one and brings an older token back.
    const latest = { token: readToken(join(folder, target)), until: now + CACHE_MS }
    cache.set(target, latest)
    return latest.token.catch(error => {
      if (cache.get(target) === latest) cache.delete(target)
      throw error
    })
  }
}

async function readToken(file: string) {
  const text = await readFile(file, 'utf8').catch(cause => {
    throw new Error(`Cannot read the service token ${file}`, { cause })
  })
  const token = text.trim()
  if (!token) throw new Error(`The service token ${file} is empty`)
  return token
}
