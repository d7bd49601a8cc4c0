import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure } from '../failure.ts'
import type { Stack } from './stack.ts'

/**
 * Loads an export of a file in a service's folder. Resolves with undefined if the service has no such file. Fails if the file cannot be
 * loaded or lacks the export.
 */
export async function serviceExport<T>(
  stack: Stack,
  service: string,
  file: string,
  name: string
): Promise<T | undefined> {
  const path = join('services', service, file)
  const absolutePath = join(stack.root, path)
  if (!existsSync(absolutePath)) return undefined
  const module = await import(pathToFileURL(absolutePath).href).catch(cause => {
    throw new Failure(`cannot load ${path}: ${cause.message}`, undefined, { cause })
  })
  if (module[name] === undefined) throw new Failure(`${path} does not export \`${name}\``)
  return module[name]
}
