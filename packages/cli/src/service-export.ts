import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Failure } from './failure.ts'
import type { Stack } from './stack.ts'

/**
 * What a file below a service's folder exports by a name. Undefined for a service that has no such file; fails when the file can't be
 * loaded, or has no export of that name.
 */
export async function serviceExport<T>(
  stack: Stack,
  service: string,
  file: string,
  name: string
): Promise<T | undefined> {
  const path = join('services', service, file)
  const whole = join(stack.root, path)
  if (!existsSync(whole)) return undefined
  const module = await import(pathToFileURL(whole).href).catch(cause => {
    throw new Failure(`${path} can not be loaded: ${cause.message}`, undefined, { cause })
  })
  if (module[name] === undefined) throw new Failure(`${path} exports no \`${name}\``)
  return module[name]
}
