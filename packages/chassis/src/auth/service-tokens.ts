import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Clock, systemClock } from '../core/index.ts'

/** How long a token is kept, in milliseconds. The file is replaced long before its token expires. */
const KEPT_FOR = 30_000
/** A DNS label (RFC 1123, section 2.1): never a path out of the folder. */
const TARGET = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Makes what gives the token to call the service `target` with: the text of the file `<folder>/<target>`, such as a projected
 * service account token, read again when it is 30 seconds old. Rejects with an `Error` that names the target or the file when
 * that is no service's name, or there is no such file, or nothing in it.
 */
export function serviceTokens(folder: string, clock: Clock = systemClock): (target: string) => Promise<string> {
  const kept = new Map<string, { token: Promise<string>; until: number }>()
  return async target => {
    const now = clock.now().getTime()
    const last = kept.get(target)
    if (last && now < last.until) return last.token
    if (!TARGET.test(target)) throw new Error(`Not the name of a service: ${JSON.stringify(target)}`)
    // Calls at the same time share one read, so no earlier read ends after a later one and brings an older token back.
    const latest = { token: readToken(join(folder, target)), until: now + KEPT_FOR }
    kept.set(target, latest)
    return latest.token.catch(error => {
      if (kept.get(target) === latest) kept.delete(target)
      throw error
    })
  }
}

async function readToken(file: string) {
  const text = await readFile(file, 'utf8').catch(cause => {
    throw new Error(`The service token ${file} can't be read`, { cause })
  })
  const token = text.trim()
  if (!token) throw new Error(`The service token ${file} is empty`)
  return token
}
