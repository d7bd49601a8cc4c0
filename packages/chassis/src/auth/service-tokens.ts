import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Matches a DNS label (RFC 1123, section 2.1), so that no target's name is a path to a file outside the folder. */
const TARGET = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/**
 * Returns a function that reads the token for calls to the service `target` from the file `<folder>/<target>`, such as a projected service
 * account token. Each call reads the file, because Kubernetes replaces it. The function rejects with an `Error` if `target` is not a
 * service's name, or if the file is missing or empty.
 */
export function serviceTokens(folder: string): (target: string) => Promise<string> {
  return async target => {
    if (!TARGET.test(target)) throw new Error(`${JSON.stringify(target)} is not the name of a service`)
    return readToken(join(folder, target))
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
