import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Operation } from '@bulkhead/chassis/contract'
import type { Service } from '@bulkhead/chassis/service'
import * as z from 'zod'

const ROOT = join(import.meta.dirname, '..')

/** What tests of all services read of each: the schema of its environment and its operations. */
export type Definition = { environment: z.ZodObject; operations: Operation[] }

/** Reads the definition in `service.ts`, or, for a service that has none yet, its `config.ts` and `operations.ts`. */
export async function definitionOf(service: string): Promise<Definition> {
  const sources = join(ROOT, 'services', service, 'src')
  const load = async (file: string) =>
    existsSync(join(sources, file)) ? ((await import(join(sources, file))) as Record<string, unknown>) : {}
  const defined = Object.values(await load('service.ts')) as Partial<Service>[]
  const definition = defined.find(({ contract }) => contract)
  if (definition) return { environment: definition.environment!, operations: definition.operations! }
  const environment = Object.values(await load('config.ts')).find(value => value instanceof z.ZodObject)
  if (!environment) throw new Error(`services/${service} has neither a definition nor a config.ts`)
  const { allOperations = [] } = (await load('operations.ts')) as { allOperations?: Operation[] }
  return { environment, operations: allOperations }
}
